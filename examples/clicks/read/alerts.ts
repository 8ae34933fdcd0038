import type { ClicksApi } from "../run/pipeline.ts";
import { lastMinuteMs } from "../times.ts";
import { readUsers } from "./users.ts";

/** A user of more clicks in a minute than that is alerted. */
export const ALERT_ABOVE = 50;
/** `busiest` of the definitions: how many it lists, and how many values it counts. */
const LISTED = 20;
const COUNTED = 64;

/** What is served of the last minute that is over. */
export interface MinuteReading {
  readonly minuteMs: number;
  readonly status: string;
  /** Different users who clicked. */
  readonly active: number;
  /** Those of more than {@link ALERT_ABOVE} clicks, by name. */
  readonly alerts: readonly { readonly user: string; readonly clicks: number }[];
  /** How many users were read to find them. */
  readonly suspects: number;
}

/**
 * Reads the last minute that is over: one read of the site names the users to look at, and their own counts, which are
 * exact, decide. What the site's sketch leaves out has no more clicks than the last it lists, or than it can have missed;
 * should that be enough for an alert, every user is read.
 */
export async function readMinute(api: ClicksApi, users: readonly string[]): Promise<MinuteReading> {
  const { site } = await api.traffic.features({});
  const { clicks_tumbling_1m: clicks, active_tumbling_1m: active } = site.features;
  const busiest = site.features.busiest_tumbling_1m ?? [];
  const missed = clicks / (COUNTED + 1);
  const unlisted = missed + (busiest.length < LISTED ? 0 : busiest.at(-1)!.count);
  const suspects =
    unlisted > ALERT_ABOVE
      ? users
      : busiest.filter(({ count }) => count + missed > ALERT_ABOVE).map(({ value }) => value);
  const read = await readUsers(api.visitor, suspects);
  return {
    minuteMs: lastMinuteMs(Date.parse(site.asOf)),
    status: site.status,
    active,
    alerts: read
      .filter(({ lastMinute }) => lastMinute > ALERT_ABOVE)
      .map(({ user, lastMinute }) => ({ user, clicks: lastMinute }))
      .sort((left, right) => (left.user < right.user ? -1 : 1)),
    suspects: suspects.length,
  };
}

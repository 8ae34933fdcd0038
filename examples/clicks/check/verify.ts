import type { Difference } from "../../command/difference.ts";
import type { ActiveUsers } from "../read/active-users.ts";
import type { MinuteReading } from "../read/alerts.ts";
import type { UserReading } from "../read/users.ts";
import { SETTLING_MS } from "../times.ts";
import type { Recount, RecountedMinute, RecountedUser } from "./recount.ts";

/** Everything that was served during a run. */
export interface Served {
  readonly moments: readonly {
    readonly momentMs: number;
    readonly users: readonly UserReading[];
    readonly minute: MinuteReading;
    /** Ids of clicks that no answer came to have. */
    readonly missing: readonly string[];
  }[];
  /** Read at the end. */
  readonly series: ActiveUsers;
  /** Records put, and what became of them, by view. */
  readonly put: number;
  readonly views: Readonly<Record<string, ViewCounts>>;
}

/** What became of the records of a view (R12). */
export interface ViewCounts {
  readonly folded: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: number;
}

export interface Verdict {
  readonly differences: readonly Difference[];
  /** Values compared. */
  readonly values: number;
}

const NO_CLICKS: RecountedUser = { rolling: 0, lastMinute: 0, total: 0, visitClicks: 0, visitStartMs: null };
const NO_USERS: RecountedMinute = { active: 0, alerts: [] };
/** HyperLogLog of 4,096 registers: 1.04 / sqrt(4096), five times. */
const ESTIMATE_TOLERANCE = 5 * 0.01625;

/** Compares everything that was served with the recount. */
export async function verify(served: Served, recount: Recount): Promise<Verdict> {
  const differences: Difference[] = [];
  let values = 0;
  const compare = (
    at: Pick<Difference, "check" | "asOfMs" | "subject">,
    feature: string,
    expected: Difference["expected"],
    actual: Difference["actual"],
    agree = expected === actual,
  ): void => {
    values += 1;
    if (!agree) differences.push({ ...at, feature, expected, actual });
  };

  const minutes = await recount.minutes();
  for (const { momentMs, users, minute, missing } of served.moments) {
    const recounted = await recount.users(momentMs, momentMs - SETTLING_MS);
    for (const read of users) {
      const at = { check: "user", asOfMs: momentMs, subject: read.user };
      const known = recounted.get(read.user);
      const expected = known ?? NO_CLICKS;
      compare(at, "as-of time", momentMs, read.asOfMs);
      compare(at, "known", known !== undefined, read.known);
      compare(at, "status", "fresh", read.status, isFresh(read.status));
      for (const name of Object.keys(NO_CLICKS) as (keyof RecountedUser)[]) {
        compare(at, name, expected[name], read[name]);
      }
    }
    const names = new Set(users.map(({ user }) => user));
    for (const user of recounted.keys()) {
      if (!names.has(user))
        compare({ check: "user", asOfMs: momentMs, subject: user }, "known", true, undefined);
    }
    const { minuteMs, active, alerts, status } = minute;
    const of = { check: "minute", asOfMs: momentMs, subject: new Date(minuteMs).toISOString() };
    const expected = minutes.get(minuteMs) ?? NO_USERS;
    compare(of, "status", "fresh", status, isFresh(status));
    compare(of, "active users", expected.active, active);
    compare(of, "users above 50 clicks", alertsText(expected), alertsText({ alerts }));
    for (const id of missing) compare({ ...of, check: "latency" }, id, "available", "not available");
  }
  verifySeries(served, minutes, compare);
  await verifyCounts(served, recount, compare);
  return { differences, values };
}

type Compare = (
  at: Pick<Difference, "check" | "asOfMs" | "subject">,
  feature: string,
  expected: Difference["expected"],
  actual: Difference["actual"],
  agree?: boolean,
) => void;

function verifySeries(
  { series, moments }: Served,
  minutes: ReadonlyMap<number, RecountedMinute>,
  compare: Compare,
): void {
  const served = new Map(series.minutes.map(({ minuteMs, users }) => [minuteMs, users]));
  const endMs = moments.at(-1)?.minute.minuteMs ?? Number.NEGATIVE_INFINITY;
  const expected = [...minutes.keys()].filter((minuteMs) => minuteMs >= series.fromMs && minuteMs <= endMs);
  for (const minuteMs of new Set([...expected, ...served.keys()])) {
    const at = { check: "series", asOfMs: minuteMs, subject: "active_users" };
    const active = minutes.get(minuteMs)?.active;
    const users = served.get(minuteMs);
    const agree =
      active !== undefined && users !== undefined && Math.abs(users - active) <= ESTIMATE_TOLERANCE * active;
    compare(at, "users", active, users, agree);
  }
}

async function verifyCounts(
  { moments, put, views }: Served,
  recount: Recount,
  compare: Compare,
): Promise<void> {
  const asOfMs = moments.at(-1)?.momentMs ?? 0;
  const records = await recount.records();
  compare({ check: "count", asOfMs, subject: "clicks" }, "records put", records.put, put);
  for (const [view, counts] of Object.entries(views)) {
    const at = { check: "count", asOfMs, subject: view };
    compare(at, "folded", records.distinct, counts.folded);
    compare(at, "duplicate", records.put - records.distinct, counts.duplicate);
    compare(at, "late", 0, counts.late);
    compare(at, "quarantined", 0, counts.quarantined);
  }
}

/** A view younger than its longest window is warming: its counts are right all the same, for nothing came before. */
function isFresh(status: string): boolean {
  return status === "fresh" || status === "warming";
}

function alertsText({ alerts }: Pick<RecountedMinute, "alerts">): string {
  return alerts.map(({ user, clicks }) => `${user} ${clicks}`).join(", ");
}

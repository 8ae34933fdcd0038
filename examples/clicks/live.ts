import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../lib/engine/ports/clock.ts";
import { openJsonLines } from "../command/json-lines.ts";
import { startProgress } from "../command/progress.ts";
import { spreadOf } from "../statistics/spread.ts";
import type { Delivery } from "./generate/click.ts";
import { byArrival, deliveriesOf } from "./generate/deliveries.ts";
import { usersOf } from "./generate/user.ts";
import type { ClicksOptions } from "./options.ts";
import { type MinuteReading, readMinute } from "./read/alerts.ts";
import { type AvailabilityWatch, watchAvailability } from "./run/availability.ts";
import { type ClicksPipeline, startPipeline } from "./run/pipeline.ts";
import { feedClicks } from "./run/put-clicks.ts";
import { GRACE_MS, lastMinuteMs, MINUTE_MS } from "./times.ts";

/** Clicks are generated so far ahead. */
const STRETCH_MS = 60 * MINUTE_MS;
/** The first visits began so long ago; their clicks of that time are nobody's. */
const BEGUN_BEFORE_MS = 30 * MINUTE_MS;
const TICK_MS = 50;

/**
 * Generates clicks in their own time, by the machine's clock, until it is stopped. Every minute it says who was active
 * and who clicked too much.
 *
 * @throws FreshetError `OPTION_INVALID` for a file that cannot be written, `PORT_IN_USE`, and what the runtime throws.
 */
export async function runLive(options: ClicksOptions, stop: AbortSignal): Promise<void> {
  const log = options.log === null ? null : await openJsonLines(options.log, "--log");
  const pipeline = await startPipeline(options, systemClock);
  const watch = watchAvailability(pipeline.api.visitor, log);
  const progress = startProgress({ totalMs: MINUTE_MS, quiet: options.quiet });
  try {
    const { url } = pipeline.runtime;
    progress.say(
      `Live page and API: ${url}/. Every minute a line says how many users were active; Ctrl-C ends it. Try:`,
    );
    progress.say(`\n  ${curlLine(url)}\n  curl -s '${url}/v1/views/active_users/history?feature=users_1h'\n`);
    await play({ options, pipeline, watch, stop, say: progress.say });
    progress.say("Stopped.");
  } finally {
    progress.stop();
    await watch.stop();
    await pipeline.stop();
    await log?.close();
  }
}

async function play(context: {
  readonly options: ClicksOptions;
  readonly pipeline: ClicksPipeline;
  readonly watch: AvailabilityWatch;
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}): Promise<void> {
  const { options, pipeline, watch, stop, say } = context;
  const users = usersOf(options.users);
  const names = users.map(({ name }) => name);
  let saidMs = lastMinuteMs(Date.now());
  const startedMs = Date.now();
  let pending: readonly Delivery[] = [];
  for (let fromMs = startedMs - BEGUN_BEFORE_MS; !stop.aborted; fromMs += STRETCH_MS) {
    const endMs = fromMs + STRETCH_MS;
    pending = [...pending, ...deliveriesOf(users, { fromMs, endMs }, options.seed)]
      .filter(({ arrivedMs }) => arrivedMs >= startedMs)
      .sort(byArrival);
    const feed = feedClicks(pipeline.stream, pending, watch);
    while (!stop.aborted && Date.now() < endMs) {
      await feed.putUntil(Date.now());
      const minuteMs = lastMinuteMs(Date.now() - GRACE_MS);
      if (minuteMs > saidMs) {
        saidMs = minuteMs;
        say(minuteText(await readMinute(pipeline.api, names), watch.latenciesMs));
      }
      await sleep(TICK_MS);
    }
    pending = pending.slice(feed.put);
  }
}

function minuteText({ minuteMs, active, alerts }: MinuteReading, latenciesMs: readonly number[]): string {
  const { p50, p99 } = spreadOf(latenciesMs);
  const above = alerts.map(({ user, clicks }) => `${user} (${clicks})`).join(", ") || "nobody";
  const latency = `latency p50 ${p50?.toFixed(0)} ms, p99 ${p99?.toFixed(0)} ms`;
  return `${new Date(minuteMs).toISOString().slice(11, 16)}Z  active users ${active}; above 50 clicks: ${above}; ${latency}`;
}

function curlLine(url: string): string {
  const body = JSON.stringify({ view: "user_clicks", keys: { user: "u0000" } });
  return `curl -s ${url}/v1/features -H 'content-type: application/json' -d '${body}'`;
}

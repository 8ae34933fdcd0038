import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FreshetError } from "../../lib/index.ts";
import { createReplayClock } from "../../lib/local/replay-clock.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import { type JsonLines, openJsonLines } from "../command/json-lines.ts";
import { type ProgressDisplay, startProgress } from "../command/progress.ts";
import type { ProvenRun } from "../command/run-example.ts";
import { openRecount } from "./check/recount.ts";
import { type Served, type ViewCounts, verify } from "./check/verify.ts";
import { deliveriesOf } from "./generate/deliveries.ts";
import { usersOf } from "./generate/user.ts";
import type { ClicksOptions } from "./options.ts";
import { readActiveUsers } from "./read/active-users.ts";
import { readMinute } from "./read/alerts.ts";
import { readUsers } from "./read/users.ts";
import { watchAvailability } from "./run/availability.ts";
import { type ClicksPipeline, startPipeline } from "./run/pipeline.ts";
import { playUntil } from "./run/play.ts";
import { feedClicks } from "./run/put-clicks.ts";
import { type Summary, summarize } from "./summary/summary.ts";
import { MINUTE_MS, momentsOf, RUN_FROM_MS, SETTLING_MS, type TimeRange } from "./times.ts";

/**
 * Generates the minutes once, and holds everything that was served to a recount of the raw events. Null when it was
 * stopped.
 *
 * @throws FreshetError `OPTION_INVALID` for a file that cannot be written or read, `PORT_IN_USE`, and what the runtime throws.
 */
export async function proveOnce(
  options: ClicksOptions,
  stop: AbortSignal,
): Promise<ProvenRun<Summary> | null> {
  const startedMs = performance.now();
  if (options.against !== null)
    await access(options.against).catch((cause) => unreadable(options.against!, cause));
  const range = { fromMs: RUN_FROM_MS, endMs: RUN_FROM_MS + options.minutes * MINUTE_MS };
  const folder = await mkdtemp(join(tmpdir(), "clicks-"));
  const rawFile = options.raw ?? join(folder, "raw.jsonl");
  const progress = startProgress({ totalMs: range.endMs - range.fromMs, quiet: options.quiet });
  try {
    const raw = await openJsonLines(rawFile, "--raw");
    const log = options.log === null ? null : await openJsonLines(options.log, "--log");
    const played = await playOnce({ options, range, raw, log, progress, stop });
    await raw.close();
    await log?.close();
    if (played === null) return null;
    const recount = await openRecount(options.against ?? rawFile).catch((cause) =>
      unreadable(options.against ?? rawFile, cause),
    );
    try {
      const verdict = await verify(played.served, recount);
      const tookSeconds = (performance.now() - startedMs) / 1_000;
      const summary = summarize({ options, range, ...played, verdict, tookSeconds });
      return { summary, differences: verdict.differences };
    } finally {
      recount.close();
    }
  } finally {
    progress.stop();
    await rm(folder, { recursive: true });
  }
}

function unreadable(file: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new FreshetError("OPTION_INVALID", `the raw events in ${file} cannot be read: ${reason}`, { cause });
}

/** What a run served, and how long each click took. */
export interface PlayedRun {
  readonly served: Served;
  readonly latenciesMs: readonly number[];
}

async function playOnce(context: {
  readonly options: ClicksOptions;
  readonly range: TimeRange;
  readonly raw: JsonLines;
  readonly log: JsonLines | null;
  readonly progress: ProgressDisplay;
  readonly stop: AbortSignal;
}): Promise<PlayedRun | null> {
  const { options, range, raw, log, progress, stop } = context;
  const users = usersOf(options.users);
  const names = users.map(({ name }) => name);
  const deliveries = deliveriesOf(users, range, options.seed);
  for (const { click } of deliveries) raw.write(click);
  const clock = createReplayClock(range.fromMs);
  const pipeline = await startPipeline(options, clock);
  const { runtime, api } = pipeline;
  const watch = watchAvailability(api.visitor, log);
  try {
    const feed = feedClicks(pipeline.stream, deliveries, watch);
    const moments: Served["moments"][number][] = [];
    for (const momentMs of momentsOf(range)) {
      await playUntil(momentMs - SETTLING_MS, {
        clock,
        feed,
        speed: options.speed,
        heartbeat: runtime.heartbeat,
        stop,
      });
      if (stop.aborted) return null;
      await runtime.heartbeat();
      await runtime.drain();
      const missing = await watch.settled();
      clock.set(momentMs);
      const minute = await readMinute(api, names);
      moments.push({ momentMs, users: await readUsers(api.visitor, names), minute, missing });
      const at = new Date(minute.minuteMs).toISOString().slice(11, 16);
      progress.update(
        minute.minuteMs + MINUTE_MS - range.fromMs,
        `${at}Z  ${feed.put} clicks, ${minute.active} users active, ${minute.alerts.length} above 50 clicks`,
      );
    }
    const series = await readActiveUsers(runtime.url);
    const served = { moments, series, put: feed.put, views: await countViews(pipeline) };
    return { served, latenciesMs: watch.latenciesMs };
  } finally {
    await watch.stop();
    await pipeline.stop();
  }
}

async function countViews({ runtime }: ClicksPipeline): Promise<Readonly<Record<string, ViewCounts>>> {
  const { store, objectStore: objects, plans } = runtime;
  const counted = await countOutcomes({ store, objects, plans });
  return Object.fromEntries(
    [...counted].map(([view, { folded, duplicate, late, quarantined }]) => [
      view,
      { folded, duplicate, late, quarantined },
    ]),
  );
}

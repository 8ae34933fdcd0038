import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeDifference } from "../../examples/command/difference.ts";
import type { LiveSnapshot } from "../../lib/local/dashboard/snapshot.ts";
import { startDrive } from "../soak/load/drive.ts";
import { openFeed } from "../soak/load/feed.ts";
import { accountName, createPayments } from "../soak/load/payments.ts";
import { createRateControl } from "../soak/load/rate.ts";
import { reportedFreshness, worstLagMs } from "../soak/measure/view-freshness.ts";
import type { Pipeline } from "../soak/pipeline/start-pipeline.ts";
import { withPipeline } from "../soak/pipeline/with-pipeline.ts";
import { provePut } from "../soak/proof/prove-put.ts";
import { Stopped } from "../soak/soak.ts";
import { type FloodAnswers, flood } from "./flood.ts";
import { watchAccount } from "./watch-account.ts";

export interface OverloadOptions {
  readonly keys: number;
  readonly seed: number;
  /** How long the rate that can be folded is looked for. */
  readonly findMs: number;
  /** How long twice that is put, and longer until the API says that a view is stale. */
  readonly overloadMs: number;
  /** Requests at once, in the middle of it. */
  readonly floodRequests: number;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
}

export interface OverloadResult {
  readonly seed: number;
  readonly keys: number;
  /** Records a second that were folded with a short lag, and that were put to overload it. */
  readonly heldPerSecond: number;
  readonly putPerSecond: number;
  readonly overloadSeconds: number;
  /** Null: not known. */
  readonly lagBeforeMs: number | null;
  readonly mostLagMs: number;
  /** Readings of `GET /v1/views`, and of the live page, that called a view stale or unknown; of how many. */
  readonly staleReadings: number;
  readonly staleSnapshots: number;
  readonly readings: number;
  /** Readings that were answered with a time to try again. */
  readonly refused: number;
  /** Answers to the flood. */
  readonly flood: FloodAnswers["statuses"];
  /** Answers whose lag was held to what they hold. */
  readonly answersChecked: number;
  /** From the end of the overload until every view was within its SLA again. */
  readonly catchUpSeconds: number;
  readonly recordsPut: number;
  readonly valuesCompared: number;
  readonly differences: number;
  /** What is wrong; none: all is well. */
  readonly faults: readonly string[];
}

const FIRST_PER_SECOND = 200;
const CONTROL_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 500;
/** The queue that is kept while the rate is looked for, in time that its work takes. */
const QUEUE_MS = 1_000;
/** The SLA of the view that has the tightest is 3 s: at twice the rate that is 6 s away. */
const MOST_OVERLOAD_MS = 120_000;
/** Where putting takes so much from folding that twice the rate is not put, more is asked for. */
const MORE = 1.5;
const MOST_CATCH_UP_MS = 600_000;
const MOST_TOLD = 20;

/** Puts twice what the pipeline folds, watches what it says meanwhile, and proves that nothing is lost. @throws Stopped */
export function overload(options: OverloadOptions): Promise<OverloadResult> {
  return withPipeline((pipeline, folder) => run(options, pipeline, folder));
}

async function run(options: OverloadOptions, pipeline: Pipeline, folder: string): Promise<OverloadResult> {
  const { keys, seed, stop, tell } = options;
  const { url } = pipeline;
  const file = join(folder, "put.csv");
  const opened = openFeed({ endpoint: pipeline.kinesis, streamName: pipeline.streamName, file });
  const payments = createPayments({ seed, keys });
  const watch = watchAccount(url, accountName(0));
  const feed = {
    ...opened,
    async put(deliveries: Parameters<typeof opened.put>[0]) {
      await opened.put(deliveries);
      watch.taken(deliveries);
    },
  };
  const faults: string[] = [];
  const seen = { refused: 0, staleReadings: 0, staleSnapshots: 0, readings: 0, mostLagMs: 0 };

  const waitMs = async (ms: number): Promise<void> => {
    await sleep(ms);
    if (stop.aborted) throw new Stopped();
  };
  /** What the API and the live page say now. */
  async function look() {
    const [views, snapshot] = await Promise.all([reportedFreshness(url), liveSnapshot(url)]);
    const isShown = snapshot.views.some(isLate);
    seen.readings += 1;
    if (isShown) seen.staleSnapshots += 1;
    if (views === null) {
      seen.refused += 1;
      return { isStale: false, isShown, isWithin: false };
    }
    for (const { view, status, lagMs, slaMs } of views) {
      if (isLate({ status }) !== (lagMs === null || lagMs > slaMs))
        faults.push(`${view} is called ${status} at a lag of ${lagMs} ms, its SLA is ${slaMs} ms.`);
    }
    const isStale = views.some(isLate);
    if (isStale) seen.staleReadings += 1;
    seen.mostLagMs = Math.max(seen.mostLagMs, worstLagMs(views) ?? 0);
    return { isStale, isShown, isWithin: !isStale };
  }

  tell("what can be folded with a short lag");
  const first = startDrive({ feed, perSecond: FIRST_PER_SECOND, make: payments.first });
  await first.ended;
  const drive = startDrive({ feed, perSecond: FIRST_PER_SECOND, make: payments.next });
  const control = createRateControl({ perSecond: FIRST_PER_SECOND, targetWaitMs: QUEUE_MS });
  const rates: number[] = [];
  for (let fromMs = performance.now(), atMs = fromMs, handled = await pipeline.handled(); ; ) {
    await waitMs(CONTROL_EVERY_MS);
    const handledNow = await pipeline.handled();
    const nowMs = performance.now();
    const handledPerSecond = ((handledNow - handled) / (nowMs - atMs)) * 1_000;
    rates.push(handledPerSecond);
    atMs = nowMs;
    handled = handledNow;
    drive.askedPerSecond = control.next({ handledPerSecond, waiting: opened.taken - handled });
    if (nowMs - fromMs > options.findMs) break;
  }
  // While code is still being compiled, less is folded.
  const later = rates.slice(rates.length >> 1);
  const heldPerSecond = later.reduce((sum, rate) => sum + rate, 0) / later.length;
  const lagBeforeMs = worstLagMs(await reportedFreshness(url));

  tell(`${heldPerSecond.toFixed(0)} records/s were folded; now twice that is put`);
  seen.mostLagMs = 0;
  drive.askedPerSecond = 2 * heldPerSecond;
  const following = watch.follow();
  const overloadFromMs = performance.now();
  const takenBefore = opened.taken;
  let statuses: FloodAnswers["statuses"] | null = null;
  let wasStale = false;
  let wasShown = false;
  const tookMs = () => performance.now() - overloadFromMs;
  while (tookMs() < options.overloadMs || !(wasStale && wasShown)) {
    if (tookMs() > MOST_OVERLOAD_MS) {
      faults.push(`no view was ${wasStale ? "shown" : "said"} to be stale after ${MOST_OVERLOAD_MS} ms.`);
      break;
    }
    await waitMs(LOOK_EVERY_MS);
    const { isStale, isShown } = await look();
    wasStale ||= isStale;
    wasShown ||= isShown;
    if (tookMs() > options.overloadMs && !wasStale) drive.askedPerSecond *= MORE;
    if (statuses === null && tookMs() > options.overloadMs / 2) {
      tell(`${options.floodRequests} requests at once`);
      const answers = await flood(url, { requests: options.floodRequests, keys });
      statuses = answers.statuses;
      faults.push(...answers.faults);
    }
  }
  const overloadMs = tookMs();
  const putPerSecond = ((opened.taken - takenBefore) / overloadMs) * 1_000;
  drive.stop();
  await drive.ended;

  tell(`lag came to ${seen.mostLagMs} ms; it catches up`);
  const catchUpFromMs = performance.now();
  while (!(await look()).isWithin) {
    if (performance.now() - catchUpFromMs > MOST_CATCH_UP_MS) {
      faults.push(`it had not caught up after ${MOST_CATCH_UP_MS} ms.`);
      break;
    }
    await waitMs(LOOK_EVERY_MS);
  }
  const catchUpSeconds = (performance.now() - catchUpFromMs) / 1_000;
  await following.stop();

  const verdict = await provePut({ pipeline, feed: opened, file, keys });
  return {
    seed,
    keys,
    heldPerSecond,
    putPerSecond,
    overloadSeconds: overloadMs / 1_000,
    lagBeforeMs,
    ...seen,
    flood: statuses ?? {},
    answersChecked: watch.looks,
    catchUpSeconds,
    recordsPut: opened.taken,
    valuesCompared: verdict.values,
    differences: verdict.differences.length,
    faults: [...faults, ...watch.broken, ...verdict.differences.slice(0, MOST_TOLD).map(describeDifference)],
  };
}

async function liveSnapshot(url: string): Promise<LiveSnapshot> {
  const response = await fetch(`${url}/live/snapshot`);
  return (await response.json()) as LiveSnapshot;
}

const isLate = ({ status }: { readonly status: string }): boolean =>
  status === "stale" || status === "unknown";

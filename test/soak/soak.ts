import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeDifference } from "../../examples/command/difference.ts";
import { type Drive, startDrive } from "./load/drive.ts";
import { type Feed, openFeed } from "./load/feed.ts";
import { createPayments } from "./load/payments.ts";
import { createRateControl } from "./load/rate.ts";
import { judgeLag, type LagVerdict } from "./measure/lag-verdict.ts";
import { judgeMemory, type MemoryVerdict } from "./measure/memory-verdict.ts";
import type { LagReading, Phase, Sample } from "./measure/sample.ts";
import { reportedFreshness, worstLagMs } from "./measure/view-freshness.ts";
import type { Pipeline } from "./pipeline/start-pipeline.ts";
import { withPipeline } from "./pipeline/with-pipeline.ts";
import { provePut } from "./proof/prove-put.ts";

export interface SoakOptions {
  /** How long it is judged, once every key has had a record and windows are full. */
  readonly judgedMs: number;
  /** How long windows and the stream's buffer are given to fill. */
  readonly fillMs: number;
  readonly keys: number;
  readonly seed: number;
  /** Between two measurements of memory, which hold everything up while garbage is collected. */
  readonly sampleEveryMs: number;
  readonly lagBounds?: { readonly p99Ms: number; readonly mostMs: number };
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
}

export interface SoakResult {
  readonly seed: number;
  readonly keys: number;
  readonly judgedSeconds: number;
  readonly recordsPut: number;
  /** Records put a second while it was judged. */
  readonly perSecond: number;
  readonly lag: LagVerdict;
  /** Null when it was judged for too short a time to tell. */
  readonly memory: MemoryVerdict | null;
  readonly valuesCompared: number;
  readonly differences: number;
  readonly samples: readonly Sample[];
  /** What is wrong; none: all is well. */
  readonly faults: readonly string[];
}

/** What is thrown when it was asked to stop. */
export class Stopped extends Error {}

const FIRST_PER_SECOND = 200;
/**
 * The queue that is kept, in time that its work takes: a longer one makes larger batches, and these fold more records
 * with one write.
 */
const QUEUE_MS = 3_000;
const CONTROL_EVERY_MS = 1_000;
const MOST_TOLD = 20;

/** Puts as much as the pipeline folds, for as long as was asked, and proves it right at the end. @throws Stopped */
export function soak(options: SoakOptions): Promise<SoakResult> {
  return withPipeline((pipeline, folder) => run(options, pipeline, folder));
}

async function run(options: SoakOptions, pipeline: Pipeline, folder: string): Promise<SoakResult> {
  const { seed, keys, tell } = options;
  const file = join(folder, "put.csv");
  const feed = openFeed({ endpoint: pipeline.kinesis, streamName: pipeline.streamName, file });
  const payments = createPayments({ seed, keys });
  const watch = createWatch(options, pipeline, feed);

  tell(`one record for each of ${keys} keys`);
  const first = startDrive({ feed, perSecond: FIRST_PER_SECOND, make: payments.first });
  await watch.during("first records", first, Number.POSITIVE_INFINITY);
  const drive = startDrive({ feed, perSecond: first.askedPerSecond, make: payments.next });
  await watch.during("filling", drive, options.fillMs);
  const before = feed.taken;
  const judgedMs = await watch.during("judged", drive, options.judgedMs);
  const perSecond = (feed.taken - before) / (judgedMs / 1_000);
  drive.stop();
  await drive.ended;

  tell("what was put is folded to its end, and every key is read");
  const verdict = await provePut({ pipeline, feed, file, keys });

  const isJudged = ({ phase }: { readonly phase: Phase }) => phase === "judged";
  const lag = judgeLag(watch.lags.filter(isJudged), options.lagBounds);
  const memory = judgeMemory(watch.samples.filter(isJudged));
  return {
    seed,
    keys,
    judgedSeconds: judgedMs / 1_000,
    recordsPut: feed.taken,
    perSecond,
    lag,
    memory,
    valuesCompared: verdict.values,
    differences: verdict.differences.length,
    samples: watch.samples,
    faults: [
      ...lag.faults,
      ...(memory?.faults ?? []),
      ...verdict.differences.slice(0, MOST_TOLD).map(describeDifference),
    ],
  };
}

/** Chooses the rate once a second, and measures. */
function createWatch({ stop, sampleEveryMs, tell }: SoakOptions, pipeline: Pipeline, feed: Feed) {
  const startedMs = performance.now();
  const lags: LagReading[] = [];
  const samples: Sample[] = [];
  let sampled = { atMs: 0, taken: 0 };
  let mostLagMs = 0;

  async function sample(phase: Phase): Promise<void> {
    const measured = await pipeline.sample();
    const atMs = performance.now() - startedMs;
    const perSecond = ((feed.taken - sampled.taken) / (atMs - sampled.atMs)) * 1_000;
    sampled = { atMs, taken: feed.taken };
    samples.push({ ...measured, atMs, phase, perSecond, mostLagMs });
    const mib = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;
    tell(
      `${(atMs / 1_000).toFixed(0).padStart(5)} s ${phase}: ${perSecond.toFixed(0)} records/s, lag up to ${mostLagMs} ms, ` +
        `resident ${mib(measured.rssBytes)}, heap ${mib(measured.heapBytes)}, outside ${mib(measured.externalBytes)}, ` +
        `table ${measured.tableEntries} of ${mib(measured.tableBytes)}, stream ${measured.streamEntries} of ${mib(measured.streamBytes)}`,
    );
    mostLagMs = 0;
  }

  /** Until so long is over or there is no more to put; resolves to how long it was. */
  async function during(phase: Phase, drive: Drive, lengthMs: number): Promise<number> {
    const fromMs = performance.now();
    let isOver = false;
    void drive.ended
      .finally(() => {
        isOver = true;
      })
      .catch(() => {});
    const control = createRateControl({ perSecond: drive.askedPerSecond, targetWaitMs: QUEUE_MS });
    let handled = await pipeline.handled();
    let readMs = performance.now();
    while (!isOver && performance.now() - fromMs < lengthMs) {
      await sleep(Math.max(1, Math.min(CONTROL_EVERY_MS, lengthMs - (performance.now() - fromMs))));
      if (stop.aborted) throw new Stopped();
      const lagMs = worstLagMs(await reportedFreshness(pipeline.url));
      const nowMs = performance.now();
      lags.push({ atMs: nowMs - startedMs, phase, lagMs });
      mostLagMs = Math.max(mostLagMs, lagMs ?? 0);
      const handledNow = await pipeline.handled();
      const handledPerSecond = ((handledNow - handled) / (performance.now() - readMs)) * 1_000;
      readMs = performance.now();
      handled = handledNow;
      drive.askedPerSecond = control.next({ handledPerSecond, waiting: feed.taken - handled });
      if (nowMs - startedMs - sampled.atMs >= sampleEveryMs) await sample(phase);
    }
    if (isOver) await drive.ended;
    return performance.now() - fromMs;
  }
  return { lags, samples, during };
}

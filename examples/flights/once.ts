import { DuckDBInstance } from "@duckdb/node-api";
import type { ViewPlan } from "../../lib/engine/plan.ts";
import type { Difference } from "../command/difference.ts";
import { type JsonLines, openJsonLines } from "../command/json-lines.ts";
import { startProgress } from "../command/progress.ts";
import { spreadOf } from "../statistics/spread.ts";
import type { ItemCounts } from "./check/item-model.ts";
import { chooseMoments } from "./check/moments.ts";
import { startProof } from "./check/proof.ts";
import { openRecount } from "./check/recount.ts";
import type { RecountedView } from "./check/recount-views.ts";
import { openSavedProof } from "./check/saved-proof.ts";
import { foldedRecords, judgeAll } from "./check/verdicts.ts";
import { verifyCounts } from "./check/verify-counts.ts";
import { countInjected } from "./deliver/deliver-events.ts";
import { lastPutMs } from "./deliver/delivery.ts";
import { type LoadedRange, loadDeliveries } from "./deliver/load-deliveries.ts";
import { DAY_MS } from "./flights.ts";
import { type FlightsOptions, faultsOf } from "./options.ts";
import { feedDeliveries } from "./replay/put-events.ts";
import { type FlightsRuntime, startFlights } from "./replay/runtime.ts";
import { loadFlightModels } from "./scoring.ts";
import { countViews } from "./summary/count-views.ts";
import { outcomesText } from "./summary/outcomes-text.ts";
import type { Summary } from "./summary/summary.ts";

/** How much is compared on the way. */
export interface ProofSize {
  readonly moments: number;
  readonly entitiesAMoment: number;
}

const PROOF_SIZE: ProofSize = { moments: 60, entitiesAMoment: 80 };

/** What a replay found. */
export interface ReplayResult {
  readonly summary: Summary;
  readonly differences: readonly Difference[];
}

/**
 * Replays a range once and holds everything that can be read to the recount. Null when it was stopped.
 *
 * @throws FreshetError `OPTION_INVALID` for a file that cannot be written, `PORT_IN_USE`, and what the runtime throws.
 */
export async function replayOnce(
  options: FlightsOptions,
  stop: AbortSignal,
  proofSize: ProofSize = PROOF_SIZE,
): Promise<ReplayResult | null> {
  const startedMs = performance.now();
  const dump = options.dump === null ? null : await openJsonLines(options.dump, "--dump");
  const append = options.resume !== null;
  const log = options.log === null ? null : await openJsonLines(options.log, "--log", { append });
  const loaded = await loadRange(options);
  const flights = await startFlights(options, log);
  try {
    return await replay({ options, proofSize, loaded, flights, dump, stop, startedMs });
  } finally {
    await flights.runtime.stop();
    await log?.close();
    await dump?.close();
  }
}

async function loadRange(options: FlightsOptions): Promise<LoadedRange> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return await loadDeliveries(connection, options.range, faultsOf(options));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function replay(context: {
  readonly options: FlightsOptions;
  readonly proofSize: ProofSize;
  readonly loaded: LoadedRange;
  readonly flights: FlightsRuntime;
  readonly dump: JsonLines | null;
  readonly stop: AbortSignal;
  readonly startedMs: number;
}): Promise<ReplayResult | null> {
  const { options, proofSize, dump, stop, startedMs } = context;
  const { events, deliveries } = context.loaded;
  const { runtime, clock, meter, alreadyPut } = context.flights;
  const { range, shards, faultSeed } = options;
  const { fromMs, endMs } = range;
  const verdicts = judgeAll(deliveries, shards);
  const recount = await openRecount(range, faultSeed === null ? {} : { folded: foldedRecords(verdicts) });
  const models = await loadFlightModels();
  const progress = startProgress({ totalMs: endMs - fromMs, quiet: options.quiet });
  const feed = feedDeliveries(runtime, deliveries, alreadyPut);
  const proof = startProof({ range, events, deliveries, shards, recount, models, runtime });
  const saved = await openSavedProof(options.resume);
  for (const moment of saved.before) proof.accept(moment);
  const putBefore = alreadyPut.departures + alreadyPut.arrivals;
  const momentsBefore = saved.before.length;
  // What was folded is not read as of before it.
  clock.set(lastPutMs(deliveries, alreadyPut) ?? fromMs);
  let replayMs = 0;

  const advance = async (untilMs: number): Promise<void> => {
    const beganMs = performance.now();
    meter.putting(untilMs);
    await feed.putUntil(untilMs);
    clock.set(untilMs);
    await runtime.heartbeat();
    await runtime.drain();
    replayMs += performance.now() - beganMs;
  };

  try {
    const moments = chooseMoments(events, range, proofSize.moments);
    for (const [index, momentMs] of moments.entries()) {
      if (stop.aborted) return null;
      // A moment is saved before anything that follows it is put.
      if (saved.before.some((done) => done.momentMs === momentMs)) continue;
      await advance(momentMs);
      await saved.save(await proof.checkMoment(momentMs, proofSize.entitiesAMoment));
      const put = feed.put.departures + feed.put.arrivals - putBefore;
      progress.update(
        momentMs - fromMs,
        `${new Date(momentMs).toISOString().slice(0, 16)}Z  moment ${index + 1} of ${moments.length}, ${eventsPerSecond(put, replayMs)} events/s on average, ${outcomesText(meter)}, ${proof.differences.length} differences`,
      );
    }
    await advance(endMs);
    await proof.checkEnd(endMs, dump);
    const expected = await recount.countEvents();
    for (const stream of ["departures", "arrivals"] as const) {
      proof.expectCount(`${stream} of the file`, expected[stream], events[stream].length);
      proof.expectCount(`${stream} put`, deliveries[stream].length, feed.put[stream]);
    }
    const clearedOf = ({ id, view }: ViewPlan): ItemCounts =>
      runtime.resumed
        ? verdicts[view.name as RecountedView].cleared
        : (meter.cleared.get(id) ?? { folded: 0, duplicate: 0, late: 0 });
    const counted = await countViews(runtime, clearedOf, feed.put);
    verifyCounts(counted, verdicts, proof.expectCount);
    const put = feed.put.departures + feed.put.arrivals;
    const putNow = Math.max(1, put - putBefore);
    const { differences } = proof;
    const summary: Summary = {
      from: day(fromMs),
      to: day(endMs - DAY_MS),
      shards,
      events: { put, ...feed.put },
      resumed: runtime.resumed ? { put: putBefore, moments: momentsBefore } : null,
      faults: faultSeed === null ? null : { seed: faultSeed, injected: countInjected(deliveries) },
      views: Object.fromEntries([...counted.values()].map(({ id, counts }) => [id, counts])),
      checked: proof.checked(),
      differences: differences.length,
      seconds: { replay: replayMs / 1000, total: (performance.now() - startedMs) / 1000 },
      eventsPerSecond: (1000 * (put - putBefore)) / replayMs,
      writeUnitsPerEvent: meter.capacity.writeUnits / putNow,
      readUnitsPerEvent: meter.capacity.readUnits / putNow,
      lagMs: spreadOf(meter.lagsMs),
      predictionMs: spreadOf(proof.predictionsMs),
      quality: proof.quality(),
      ok: differences.length === 0,
    };
    return { summary, differences };
  } finally {
    progress.stop();
    recount.close();
    await Promise.all([models.model.close(), models.baseline.close()]);
  }
}

const eventsPerSecond = (put: number, replayMs: number): number => Math.round((1000 * put) / replayMs);
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

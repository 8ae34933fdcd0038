import { DuckDBInstance } from "@duckdb/node-api";
import type { Difference } from "./check/compare.ts";
import { chooseMoments } from "./check/moments.ts";
import { startProof } from "./check/proof.ts";
import { openRecount } from "./check/recount.ts";
import { type FlightEvents, loadEvents } from "./events.ts";
import { DAY_MS, type TimeRange } from "./flights.ts";
import { type JsonLines, openJsonLines } from "./json-lines.ts";
import type { FlightsOptions } from "./options.ts";
import { startProgress } from "./replay/progress.ts";
import { feedEvents } from "./replay/put-events.ts";
import { type FlightsRuntime, startFlights } from "./replay/runtime.ts";
import { loadFlightModels } from "./scoring.ts";
import { countViews } from "./summary/count-views.ts";
import { outcomesText } from "./summary/outcomes-text.ts";
import { spreadOf } from "./summary/spread.ts";
import type { Summary } from "./summary/summary.ts";

const MOMENTS = 60;
const ENTITIES_A_MOMENT = 80;

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
export async function replayOnce(options: FlightsOptions, stop: AbortSignal): Promise<ReplayResult | null> {
  const startedMs = performance.now();
  const dump = options.dump === null ? null : await openJsonLines(options.dump, "--dump");
  const log = options.log === null ? null : await openJsonLines(options.log, "--log");
  const events = await readEvents(options.range);
  const flights = await startFlights(options, log);
  try {
    return await replay({ options, events, flights, dump, stop, startedMs });
  } finally {
    await flights.runtime.stop();
    await log?.close();
    await dump?.close();
  }
}

async function readEvents(range: TimeRange): Promise<FlightEvents> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return await loadEvents(connection, range);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function replay(context: {
  readonly options: FlightsOptions;
  readonly events: FlightEvents;
  readonly flights: FlightsRuntime;
  readonly dump: JsonLines | null;
  readonly stop: AbortSignal;
  readonly startedMs: number;
}): Promise<ReplayResult | null> {
  const { options, events, dump, stop, startedMs } = context;
  const { runtime, clock, meter } = context.flights;
  const { fromMs, endMs } = options.range;
  const recount = await openRecount(options.range);
  const models = await loadFlightModels();
  const progress = startProgress({ totalMs: endMs - fromMs, quiet: options.quiet });
  const feed = feedEvents(runtime, events);
  const proof = startProof({ range: options.range, events, recount, models, runtime });
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
    const moments = chooseMoments(events, options.range, MOMENTS);
    for (const [index, momentMs] of moments.entries()) {
      if (stop.aborted) return null;
      await advance(momentMs);
      await proof.checkMoment(momentMs, ENTITIES_A_MOMENT);
      const put = feed.put.departures + feed.put.arrivals;
      progress.update(
        momentMs - fromMs,
        `${new Date(momentMs).toISOString().slice(0, 16)}Z  moment ${index + 1} of ${moments.length}, ${eventsPerSecond(put, replayMs)} events/s, ${outcomesText(meter)}, ${proof.differences.length} differences`,
      );
    }
    await advance(endMs);
    await proof.checkEnd(endMs, dump);
    const expected = await recount.countEvents();
    proof.expectCount("departures", expected.departures, feed.put.departures);
    proof.expectCount("arrivals", expected.arrivals, feed.put.arrivals);
    const views = await countViews(runtime, meter, feed.put);
    for (const [view, { put, folded, duplicate, late, quarantined }] of Object.entries(views)) {
      proof.expectCount(`${view} folded`, put, folded);
      proof.expectCount(`${view} in all`, put, folded + duplicate + late + quarantined);
    }
    const put = feed.put.departures + feed.put.arrivals;
    const { differences } = proof;
    const summary: Summary = {
      from: day(fromMs),
      to: day(endMs - DAY_MS),
      shards: options.shards,
      events: { put, ...feed.put },
      views,
      checked: proof.checked(),
      differences: differences.length,
      seconds: { replay: replayMs / 1000, total: (performance.now() - startedMs) / 1000 },
      eventsPerSecond: (1000 * put) / replayMs,
      writeUnitsPerEvent: meter.capacity.writeUnits / put,
      readUnitsPerEvent: meter.capacity.readUnits / put,
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

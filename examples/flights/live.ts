import { once } from "node:events";
import { DuckDBInstance } from "@duckdb/node-api";
import { openJsonLines } from "../command/json-lines.ts";
import { type ProgressDisplay, startProgress } from "../command/progress.ts";
import { type Deliveries, lastPutMs, type StreamName } from "./deliver/delivery.ts";
import { loadDeliveries } from "./deliver/load-deliveries.ts";
import { eventsWithin, type FlightEvents } from "./events.ts";
import { DAY_MS, MINUTE_MS } from "./flights.ts";
import { type FlightsOptions, faultsOf } from "./options.ts";
import { curlLine, requestPrediction } from "./replay/predict.ts";
import { feedDeliveries } from "./replay/put-events.ts";
import { type FlightsRuntime, startFlights } from "./replay/runtime.ts";
import { gatherEntities, type SeenEntities } from "./summary/dump.ts";
import { outcomesText } from "./summary/outcomes-text.ts";

/** The clock moves so far at a time, once what came before is folded: within the views' SLA, or all would be stale. */
const STEP_MS = 4 * MINUTE_MS;
/** How often a flight that is about to leave is scored, so that there is something to see. */
const SCORE_EVERY_MS = 5 * STEP_MS;
/** By seven in the morning the first entities have something to tell. */
const SUGGEST_AFTER_MS = 7 * 60 * MINUTE_MS;

/**
 * Replays at the speed of the machine until it is stopped; at the end of the days the API goes on answering.
 *
 * @throws FreshetError `OPTION_INVALID` for a file that cannot be written, `PORT_IN_USE`, and what the runtime throws.
 */
export async function replayLive(options: FlightsOptions, stop: AbortSignal): Promise<void> {
  const dump = options.dump === null ? null : await openJsonLines(options.dump, "--dump");
  const append = options.resume !== null;
  const log = options.log === null ? null : await openJsonLines(options.log, "--log", { append });
  const flights = await startFlights(options, log);
  const { fromMs, endMs } = options.range;
  const progress = startProgress({ totalMs: endMs - fromMs, quiet: options.quiet });
  try {
    progress.say(
      [
        `Live page: ${flights.runtime.url}/. The API is there too: /v1/predict, /v1/features, /v1/views, /metrics, /openapi.json, and /reference to read and try it. Ctrl-C ends it.`,
        "A curl line to try is printed here in a few minutes, when the replay has come to 07:00 of its first day.",
      ].join("\n"),
    );
    const seen = gatherEntities();
    await replayDays({ options, flights, progress, seen, stop });
    if (!stop.aborted) {
      progress.say("The last day is over. The API goes on answering until Ctrl-C.");
      await once(stop, "abort");
    }
    if (dump !== null) await seen.dump(flights.runtime, dump);
    progress.say("Stopped.");
  } finally {
    progress.stop();
    await flights.runtime.stop();
    await log?.close();
    await dump?.close();
  }
}

async function replayDays(context: {
  readonly options: FlightsOptions;
  readonly flights: FlightsRuntime;
  readonly progress: ProgressDisplay;
  readonly seen: SeenEntities;
  readonly stop: AbortSignal;
}): Promise<void> {
  const { options, flights, progress, seen, stop } = context;
  const { runtime, clock, meter } = flights;
  const left = { ...flights.alreadyPut };
  let suggested = false;
  const { fromMs, endMs } = options.range;
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const beganMs = performance.now();
  let put = 0;
  try {
    for (let dayMs = fromMs; dayMs < endMs; dayMs += DAY_MS) {
      const day = { fromMs: dayMs, endMs: dayMs + DAY_MS };
      const { events, deliveries } = await loadDeliveries(connection, day, faultsOf(options));
      const alreadyPut = takeAlreadyPut(left, deliveries);
      const resumeMs = lastPutMs(deliveries, alreadyPut) ?? dayMs;
      const feed = feedDeliveries(runtime, deliveries, alreadyPut);
      // What was folded is not read as of before it.
      clock.set(Math.max(clock.now(), resumeMs));
      for (let stepMs = dayMs; stepMs < dayMs + DAY_MS; stepMs += STEP_MS) {
        if (stop.aborted) return;
        const nextMs = stepMs + STEP_MS;
        if (nextMs <= resumeMs) {
          seen.add(eventsWithin(events, { fromMs: stepMs, endMs: nextMs }));
          continue;
        }
        meter.putting(nextMs);
        put += await feed.putUntil(nextMs);
        seen.add(eventsWithin(events, { fromMs: stepMs, endMs: nextMs }));
        clock.set(nextMs);
        await runtime.heartbeat();
        await runtime.drain();
        const perSecond = Math.round((1000 * put) / (performance.now() - beganMs));
        const at = new Date(nextMs).toISOString().slice(0, 16);
        progress.update(nextMs - fromMs, `${at}Z  ${perSecond} events/s on average, ${outcomesText(meter)}`);
        if ((nextMs - fromMs) % SCORE_EVERY_MS === 0) await scoreNext(runtime.url, events, nextMs);
        if (suggested || nextMs - fromMs < SUGGEST_AFTER_MS) continue;
        suggested = true;
        await suggest(runtime.url, events, nextMs, progress);
      }
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The part of a day's records that an earlier run had put; it is taken from what is left of all of them. */
function takeAlreadyPut(
  left: Record<StreamName, number>,
  deliveries: Deliveries,
): Readonly<Record<StreamName, number>> {
  const departures = Math.min(left.departures, deliveries.departures.length);
  const arrivals = Math.min(left.arrivals, deliveries.arrivals.length);
  left.departures -= departures;
  left.arrivals -= arrivals;
  return { departures, arrivals };
}

/** Scores the next flight that is due to leave. What the API refuses is told on its page, and the replay goes on. */
async function scoreNext(url: string, events: FlightEvents, nowMs: number): Promise<void> {
  const next = events.departures.find(({ timeMs }) => timeMs >= nowMs);
  if (next !== undefined) await requestPrediction(url, next.flight).catch(() => {});
}

/** Says what to try, on the next flight that is due to leave, and what it answers. */
async function suggest(
  url: string,
  events: FlightEvents,
  nowMs: number,
  progress: ProgressDisplay,
): Promise<void> {
  const next = events.departures.find(({ timeMs }) => timeMs >= nowMs);
  if (next === undefined) return;
  const { answer } = await requestPrediction(url, next.flight);
  const { origin, destination, scheduledMs } = next.flight;
  const at = new Date(scheduledMs).toISOString().slice(11, 16);
  progress.say(
    [
      `How likely is the ${at} from ${origin} to ${destination} to be more than 15 minutes late? Try:`,
      "",
      `  ${curlLine(url, next.flight)}`,
      "",
      `It answers as the replay goes on; just now, among other things: ${JSON.stringify({ score: answer.score, model: answer.model, policy: answer.policy })}`,
      "",
    ].join("\n"),
  );
}

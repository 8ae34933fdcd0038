import type { LocalRuntime } from "../../../lib/local/runtime.ts";
import type { JsonLines } from "../../command/json-lines.ts";
import { atDeparture } from "../definitions.ts";
import type { Deliveries } from "../deliver/delivery.ts";
import type { FlightEvents } from "../events.ts";
import { MINUTE_MS, type TimeRange } from "../flights.ts";
import { requestPrediction } from "../replay/predict.ts";
import type { FlightModels } from "../scoring.ts";
import { dumpRead } from "../summary/dump.ts";
import type { Summary } from "../summary/summary.ts";
import type { Difference } from "./compare.ts";
import { chooseEntities } from "./moments.ts";
import { collectScores, startRangeScores } from "./range-scores.ts";
import type { Recount } from "./recount.ts";
import { recountMoment } from "./recount-vector.ts";
import { allEntities, countValues, readEntities, verifyEntities } from "./verify-entities.ts";
import { verifyVector } from "./verify-vector.ts";

/** Compares what is served during a replay with the recount, and keeps what differs. */
export interface Proof {
  /** Once everything before `momentMs` is folded: entities read, and every departure of that minute scored. */
  checkMoment(momentMs: number, entities: number): Promise<void>;
  /** Once everything is folded: every feature of every entity. */
  checkEnd(endMs: number, dump: JsonLines | null): Promise<void>;
  /** Two counts that should be equal. */
  expectCount(subject: string, expected: number, actual: number): void;
  readonly differences: readonly Difference[];
  /** Round trips of the predictions. */
  readonly predictionsMs: readonly number[];
  checked(): Summary["checked"];
  quality(): Summary["quality"];
}

/** Starts a proof over a replay that has put nothing yet. */
export function startProof(options: {
  readonly range: TimeRange;
  readonly events: FlightEvents;
  readonly deliveries: Deliveries;
  readonly shards: number;
  readonly recount: Recount;
  readonly models: FlightModels;
  readonly runtime: Pick<LocalRuntime, "reader" | "url">;
}): Proof {
  const { range, events, deliveries, shards, recount, models, runtime } = options;
  const differences: Difference[] = [];
  const predictionsMs: number[] = [];
  const rangeScores = startRangeScores({ range, events, deliveries, shards, models });
  const servedScores = collectScores();
  const counts = { moments: 0, entitiesAtMoments: 0, entitiesAtEnd: 0, predictions: 0, values: 0 };
  let lastMs = range.fromMs;

  return {
    checkMoment: async (momentMs, entities) => {
      const moment = await recountMoment(recount, momentMs);
      const read = await readEntities(runtime.reader, chooseEntities(events, momentMs, entities));
      differences.push(...verifyEntities(read, moment, momentMs));
      counts.moments += 1;
      counts.entitiesAtMoments += read.length;
      counts.values += countValues(read);
      // The sweep goes through the moment's minute, to the departures in it.
      const swept = await rangeScores.scoreUntil(momentMs + MINUTE_MS, momentMs);
      for (const { flight } of events.departures.filter(({ timeMs }) => timeMs === momentMs)) {
        const { answer, tookMs } = await requestPrediction(runtime.url, flight);
        const own = swept.get(flight.row)!;
        predictionsMs.push(tookMs);
        const served = { score: answer.score, features: answer.features ?? {} };
        differences.push(...verifyVector({ flight, served, swept: own }, moment));
        servedScores.add({ score: answer.score, baselineScore: own.baselineScore, late: flight.delay > 15 });
        counts.predictions += 1;
        counts.values += atDeparture.vector.length;
      }
      lastMs = momentMs;
    },
    checkEnd: async (endMs, dump) => {
      const moment = await recountMoment(recount, endMs);
      const read = await readEntities(runtime.reader, allEntities(moment));
      differences.push(...verifyEntities(read, moment, endMs));
      counts.entitiesAtEnd += read.length;
      counts.values += countValues(read);
      if (dump !== null) dumpRead(read, dump);
      await rangeScores.scoreUntil(endMs, endMs);
      lastMs = endMs;
    },
    expectCount: (subject, expected, actual) => {
      if (expected === actual) return;
      differences.push({ check: "count", asOfMs: lastMs, subject, feature: "events", expected, actual });
    },
    differences,
    predictionsMs,
    checked: () => ({ ...counts }),
    quality: () => ({ range: rangeScores.compare(), served: servedScores.compare() }),
  };
}

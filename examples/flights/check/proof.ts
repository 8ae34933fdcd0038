import type { LocalRuntime } from "../../../lib/local/runtime.ts";
import type { Difference } from "../../command/difference.ts";
import type { JsonLines } from "../../command/json-lines.ts";
import { atDeparture } from "../definitions.ts";
import type { Deliveries } from "../deliver/delivery.ts";
import type { FlightEvents } from "../events.ts";
import { MINUTE_MS, type TimeRange } from "../flights.ts";
import { requestPrediction } from "../replay/predict.ts";
import type { FlightModels } from "../scoring.ts";
import { dumpRead } from "../summary/dump.ts";
import type { Summary } from "../summary/summary.ts";
import { chooseEntities } from "./moments.ts";
import { collectScores, startRangeScores } from "./range-scores.ts";
import type { Recount } from "./recount.ts";
import { recountMoment } from "./recount-vector.ts";
import { allEntities, countValues, readEntities, verifyEntities } from "./verify-entities.ts";
import { verifyVector } from "./verify-vector.ts";

/** What a moment's check found: all that must be known of it when a later run ends the proof. */
export interface MomentProof {
  readonly momentMs: number;
  readonly entities: number;
  /** Single values compared. */
  readonly values: number;
  readonly predictions: readonly {
    readonly score: number;
    readonly baselineScore: number;
    readonly late: boolean;
    readonly tookMs: number;
  }[];
  readonly differences: readonly Difference[];
}

/** Compares what is served during a replay with the recount, and keeps what differs. */
export interface Proof {
  /** Once everything before `momentMs` is folded: entities read, and every departure of that minute scored. */
  checkMoment(momentMs: number, entities: number): Promise<MomentProof>;
  /** Takes over what a run before this one had checked. */
  accept(moment: MomentProof): void;
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

  const accept = ({ momentMs, entities, values, predictions, differences: found }: MomentProof): void => {
    differences.push(...found);
    counts.moments += 1;
    counts.entitiesAtMoments += entities;
    counts.predictions += predictions.length;
    counts.values += values;
    for (const { tookMs, ...prediction } of predictions) {
      predictionsMs.push(tookMs);
      servedScores.add(prediction);
    }
    lastMs = Math.max(lastMs, momentMs);
  };

  return {
    accept,
    checkMoment: async (momentMs, entities) => {
      const moment = await recountMoment(recount, momentMs);
      const read = await readEntities(runtime.reader, chooseEntities(events, momentMs, entities));
      const found: Difference[] = [...verifyEntities(read, moment, momentMs)];
      const predictions: MomentProof["predictions"][number][] = [];
      // The sweep goes through the moment's minute, to the departures in it.
      const swept = await rangeScores.scoreUntil(momentMs + MINUTE_MS, momentMs);
      for (const { flight } of events.departures.filter(({ timeMs }) => timeMs === momentMs)) {
        const { answer, tookMs } = await requestPrediction(runtime.url, flight);
        const own = swept.get(flight.row)!;
        const served = { score: answer.score, features: answer.features ?? {} };
        found.push(...verifyVector({ flight, served, swept: own }, moment));
        const { score } = answer;
        predictions.push({ score, baselineScore: own.baselineScore, late: flight.delay > 15, tookMs });
      }
      const values = countValues(read) + predictions.length * atDeparture.vector.length;
      const proof = { momentMs, entities: read.length, values, predictions, differences: found };
      accept(proof);
      return proof;
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

import { type Deliveries, deliveriesWithin } from "../deliver/delivery.ts";
import { eventsWithin, type FlightEvents } from "../events.ts";
import type { TimeRange } from "../flights.ts";
import { baselineVector, type FlightModels } from "../scoring.ts";
import type { ModelComparison } from "../summary/summary.ts";
import { startSweep, type VisitDeparture } from "../sweep.ts";
import { scoreQuality } from "./score.ts";

/** A departure as the engine's sweep has it. */
export interface SweptDeparture {
  readonly vector: readonly number[];
  readonly score: number;
  readonly baselineScore: number;
}

/** Sweeps a range in steps and scores every departure with both models. */
export interface RangeScores {
  /** Goes on to `endMs`; answers the departures from `keepFromMs` on, by row of the file. */
  scoreUntil(endMs: number, keepFromMs: number): Promise<ReadonlyMap<number, SweptDeparture>>;
  /** How both models did on all departures so far. */
  compare(): ModelComparison;
}

/** Starts at the beginning of a range, with nothing folded. */
export function startRangeScores(options: {
  readonly range: TimeRange;
  readonly events: FlightEvents;
  readonly deliveries: Deliveries;
  readonly shards: number;
  readonly models: FlightModels;
}): RangeScores {
  const { range, events, deliveries, shards, models } = options;
  const sweep = startSweep({ shards });
  const comparison = collectScores();
  let sweptMs = range.fromMs;
  return {
    scoreUntil: async (endMs, keepFromMs) => {
      const kept = new Map<number, SweptDeparture>();
      if (endMs <= sweptMs) return kept;
      const visited: { row: number; late: boolean; keep: boolean; vector: readonly number[] }[] = [];
      const part = { fromMs: sweptMs, endMs };
      const visit: VisitDeparture = ({ row, delay, scheduledMs }, vector) => {
        visited.push({ row, late: delay > 15, keep: scheduledMs >= keepFromMs, vector });
      };
      sweep.advance(eventsWithin(events, part), visit, deliveriesWithin(deliveries, part));
      sweptMs = endMs;
      for (const { row, late, keep, vector } of visited) {
        const score = await models.model.score(vector);
        const baselineScore = await models.baseline.score(baselineVector(vector));
        comparison.add({ score, baselineScore, late });
        if (keep) kept.set(row, { vector, score, baselineScore });
      }
      return kept;
    },
    compare: () => comparison.compare(),
  };
}

/** Scores of both models for the same departures. */
export interface ScoreCollection {
  add(departure: { readonly score: number; readonly baselineScore: number; readonly late: boolean }): void;
  compare(): ModelComparison;
}

/** Starts an empty collection. */
export function collectScores(): ScoreCollection {
  const scores: number[] = [];
  const baselineScores: number[] = [];
  const labels: number[] = [];
  return {
    add: ({ score, baselineScore, late }) => {
      scores.push(score);
      baselineScores.push(baselineScore);
      labels.push(late ? 1 : 0);
    },
    compare: () => ({ model: scoreQuality(scores, labels), baseline: scoreQuality(baselineScores, labels) }),
  };
}

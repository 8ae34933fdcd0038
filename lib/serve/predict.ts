import { FreshetError } from "../define/error.ts";
import type { Model } from "../define/types.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { buildVector, type FeatureVector } from "../engine/vector.ts";
import type { FeatureReader } from "../online/reader.ts";
import type { ServedModel } from "./catalog.ts";
import { errorToProblem } from "./error-to-problem.ts";
import { retryAfterSeconds, slaViolation, VIOLATION_HEADER, violationHeader } from "./freshness-policy.ts";
import { ProblemError } from "./problems.ts";
import { readViews, type ServedReading } from "./read-views.ts";
import type { ScoringInputs } from "./scoring-inputs.ts";

/** A model and what was read of its service's views. */
export interface ModelReadings {
  readonly model: Model;
  readonly readings: readonly ServedReading[];
}

interface ModelOutcome extends ModelReadings {
  /** The model that was asked for. `model` is the one whose score or default this is, or that rejected. */
  readonly requested: Model;
  /** Models before it, passed over because a view of theirs violated its SLA. */
  readonly passedOver: readonly ModelReadings[];
}

/** A score, what it was computed from, and how it came about. */
export interface Prediction extends ModelOutcome {
  readonly score: number;
  /** `serve`: the requested model's score; `fallback`: another's; `default`: no model ran. */
  readonly policy: "serve" | "fallback" | "default";
  /** Null with `default`. */
  readonly vector: FeatureVector | null;
  readonly asOfMs: number;
  readonly context: Readonly<Record<string, unknown>>;
}

/** No score: a view violated its SLA and the policy is `reject`. */
export interface Rejection extends ModelOutcome {
  readonly policy: "reject";
}

/** What became of one row: a score, no score, or what is wrong with it. */
export type Outcome = Prediction | Rejection | ProblemError;

/** The models that a row may be scored by: the one asked for first, each other after one whose policy is `fallback`. */
export type RowInputs = readonly [ScoringInputs, ...ScoringInputs[]];

/** A row on its way to a score. */
interface Row {
  readonly index: number;
  readonly inputs: RowInputs;
  readonly passedOver: readonly ModelReadings[];
}

interface Scorable {
  readonly step: "score";
  readonly row: Row;
  readonly readings: readonly ServedReading[];
  readonly vector: FeatureVector;
}

/** Where a row goes once its views have been read. */
type Judgement =
  | Scorable
  | { readonly step: "fall back"; readonly row: Row }
  | { readonly step: "answer"; readonly outcome: Outcome };

/**
 * Reads the views of every row's model in one call, judges their freshness, and scores the rows in one run of the model
 * (R11). Rows whose policy is `fallback` and whose views violate their SLA go on to the next model, together again.
 * `outcomes[i]` is that of `rows[i]`; an error of one row leaves the others alone.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function predict(options: {
  readonly rows: readonly RowInputs[];
  readonly reader: FeatureReader;
  readonly clock: Clock;
}): Promise<readonly Outcome[]> {
  const { rows, reader, clock } = options;
  const outcomes: Outcome[] = [];
  let pending = rows.map((inputs, index): Row => ({ index, inputs, passedOver: [] }));
  while (pending.length > 0) {
    const read = await readViews(
      reader,
      pending.map((row) => {
        const { served, keys } = candidate(row);
        return { views: served.service.views, keys };
      }),
    );
    const next: Row[] = [];
    const scorable = new Map<ServedModel, Scorable[]>();
    for (const [place, row] of pending.entries()) {
      const judged = judge(row, read[place]!, clock);
      if (judged.step === "answer") outcomes[row.index] = judged.outcome;
      else if (judged.step === "fall back") next.push(judged.row);
      else {
        const group = scorable.get(candidate(row).served);
        if (group === undefined) scorable.set(candidate(row).served, [judged]);
        else group.push(judged);
      }
    }
    for (const [served, group] of scorable) await score(served, group, clock, outcomes);
    pending = next;
  }
  return outcomes;
}

/** The model that a row has come to. */
function candidate({ inputs, passedOver }: Row): ScoringInputs {
  return inputs[passedOver.length]!;
}

/** What the freshness of a row's readings leads to: an outcome, the next model, or a vector to score. */
function judge(row: Row, readings: readonly ServedReading[] | FreshetError, clock: Clock): Judgement {
  if (readings instanceof FreshetError) return answer(errorToProblem(readings));
  const { index, inputs, passedOver } = row;
  const { served, onStale, context } = candidate(row);
  const { model, service } = served;
  const requested = inputs[0].served.model;
  const violated = readings.some((reading) => slaViolation(reading) !== null);
  if (violated && onStale === "fallback") {
    if (inputs.length > passedOver.length + 1) {
      return { step: "fall back", row: { index, inputs, passedOver: [...passedOver, { model, readings }] } };
    }
    return answer(new ProblemError("internal", `model ${requested.name} has no model left to fall back on.`));
  }
  const outcome = { requested, model, readings, passedOver };
  if (violated && onStale === "reject") return answer({ ...outcome, policy: "reject" });
  const asOfMs = asOfOf(readings, clock);
  if (violated && onStale === "default") {
    const score = model.defaultScore!;
    return answer({ ...outcome, asOfMs, context, score, policy: "default", vector: null });
  }
  try {
    const features = Object.fromEntries(readings.map(({ alias, values }) => [alias, values]));
    const vector = buildVector(service.vector, { features, request: context, asOfMs });
    return { step: "score", row, readings, vector };
  } catch (error) {
    return answer(errorToProblem(error));
  }
}

function answer(outcome: Outcome): Judgement {
  return { step: "answer", outcome };
}

/** Scores a group of rows in one run. */
async function score(
  served: ServedModel,
  group: readonly Scorable[],
  clock: Clock,
  outcomes: Outcome[],
): Promise<void> {
  const { model, scoring } = served;
  let scores: readonly number[];
  try {
    scores = await scoring.scoreRows(group.map(({ vector }) => vector.values));
  } catch (error) {
    const problem = errorToProblem(error);
    for (const { row } of group) outcomes[row.index] = problem;
    return;
  }
  for (const [place, { row, readings, vector }] of group.entries()) {
    const { index, inputs, passedOver } = row;
    const value = scores[place]!;
    outcomes[index] = Number.isFinite(value)
      ? {
          requested: inputs[0].served.model,
          model,
          readings,
          passedOver,
          asOfMs: asOfOf(readings, clock),
          context: candidate(row).context,
          score: value,
          policy: passedOver.length > 0 ? "fallback" : "serve",
          vector,
        }
      : notFinite(model, value, vector);
  }
}

/** A model without views is scored as of now. */
function asOfOf(readings: readonly ServedReading[], clock: Clock): number {
  return readings[0]?.asOfMs ?? clock.now();
}

function notFinite(model: Model, value: number, vector: FeatureVector): ProblemError {
  const empty = vector.names.filter((_, index) => Number.isNaN(vector.values[index]));
  return new ProblemError(
    "score-not-finite",
    `model ${model.name}@${model.version} scored ${value}; without a value were ${empty.join(", ") || "none"}. The service's whenNull can give them one.`,
  );
}

/** The problem that a rejection is answered as: 503 with Retry-After. */
export function rejectionProblem(rejection: Rejection): ProblemError {
  const { model, readings } = rejection;
  const violations = readings.flatMap((reading) => {
    if (slaViolation(reading) === null) return [];
    const lag = reading.lagMs === null ? "lag unknown" : `lag ${reading.lagMs} ms`;
    return [`${reading.alias}: ${lag}, SLA ${reading.slaMs} ms`];
  });
  return new ProblemError(
    "stale-features",
    `model ${model.name}@${model.version} rejects features that violate their SLA (${violations.join("; ")}).`,
    {
      retryAfterSeconds: retryAfterSeconds(readings),
      headers: { [VIOLATION_HEADER]: violationHeader(allReadings(rejection)) ?? "" },
    },
  );
}

/** Every reading behind an outcome, those of models passed over first. */
export function allReadings({ readings, passedOver }: ModelOutcome): readonly ServedReading[] {
  return [...passedOver.flatMap((each) => each.readings), ...readings];
}

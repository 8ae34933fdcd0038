import type { Model } from "../define/types.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { buildVector, type FeatureVector } from "../engine/vector.ts";
import type { FeatureReader } from "../online/reader.ts";
import type { ServedModel } from "./catalog.ts";
import { retryAfterSeconds, slaViolation, VIOLATION_HEADER, violationHeader } from "./freshness-policy.ts";
import { ProblemError } from "./problems.ts";
import { readViews, type ServedReading } from "./read-views.ts";
import type { ScoringInputs } from "./scoring-inputs.ts";

/** A model and what was read of its service's views. */
export interface ModelReadings {
  readonly model: Model;
  readonly readings: readonly ServedReading[];
}

interface Outcome extends ModelReadings {
  /** The model that was asked for. `model` is the one whose score or default this is, or that rejected. */
  readonly requested: Model;
  /** Models before it, passed over because a view of theirs violated its SLA. */
  readonly passedOver: readonly ModelReadings[];
}

/** A score, what it was computed from, and how it came about. */
export interface Prediction extends Outcome {
  readonly score: number;
  /** `serve`: the requested model's score; `fallback`: another's; `default`: no model ran. */
  readonly policy: "serve" | "fallback" | "default";
  /** Null with `default`. */
  readonly vector: FeatureVector | null;
  readonly asOfMs: number;
  readonly context: Readonly<Record<string, unknown>>;
}

/** No score: a view violated its SLA and the policy is `reject`. */
export interface Rejection extends Outcome {
  readonly policy: "reject";
}

/**
 * Reads the views of a model, judges their freshness, and scores (R11). `inputs` are the models it may be scored by,
 * the one asked for first, each after a model whose policy is `fallback`.
 *
 * @throws ProblemError `score-not-finite` for a score that is NaN or infinite.
 * @throws FreshetError `DERIVE_FAILED`, and what the reader throws.
 */
export async function predict(options: {
  readonly inputs: readonly [ScoringInputs, ...ScoringInputs[]];
  readonly reader: FeatureReader;
  readonly clock: Clock;
}): Promise<Prediction | Rejection> {
  const { inputs, reader, clock } = options;
  const requested = inputs[0].served.model;
  const passedOver: ModelReadings[] = [];
  for (const { served, onStale, keys, context } of inputs) {
    const { model, service } = served;
    const readings = await readViews(reader, service.views, keys);
    const violated = readings.some((reading) => slaViolation(reading) !== null);
    if (violated && onStale === "fallback") {
      passedOver.push({ model, readings });
      continue;
    }
    const outcome = { requested, model, readings, passedOver };
    if (violated && onStale === "reject") return { ...outcome, policy: "reject" };
    const asOfMs = readings[0]?.asOfMs ?? clock.now();
    if (violated && onStale === "default") {
      return { ...outcome, asOfMs, context, score: model.defaultScore!, policy: "default", vector: null };
    }
    const vector = buildVector(service.vector, {
      features: Object.fromEntries(readings.map(({ alias, values }) => [alias, values])),
      request: context,
      asOfMs,
    });
    const score = await finiteScore(served, vector);
    return {
      ...outcome,
      asOfMs,
      context,
      score,
      policy: passedOver.length > 0 ? "fallback" : "serve",
      vector,
    };
  }
  throw new ProblemError("internal", `model ${requested.name} has no model left to fall back on.`);
}

async function finiteScore({ model, scoring }: ServedModel, vector: FeatureVector): Promise<number> {
  const score = await scoring.score(vector.values);
  if (Number.isFinite(score)) return score;
  const empty = vector.names.filter((_, index) => Number.isNaN(vector.values[index]));
  throw new ProblemError(
    "score-not-finite",
    `model ${model.name}@${model.version} scored ${score}; without a value were ${empty.join(", ") || "none"}. The service's whenNull can give them one.`,
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
export function allReadings({ readings, passedOver }: Outcome): readonly ServedReading[] {
  return [...passedOver.flatMap((each) => each.readings), ...readings];
}

import { checkOptions, type OptionNames } from "./check-options.ts";
import { DOCUMENTED, documentedOf } from "./documented.ts";
import { checkIdentifier, checkVersion } from "./identifier.ts";
import { quote, refuse } from "./refuse.ts";
import type { Documented, FeatureService, Model, StalePolicy } from "./types.ts";

/** What every {@link model} takes, whatever its policy. */
export interface CommonModelOptions extends Documented {
  /** Named in every answer and log entry. @default 1 */
  readonly version?: number;
  /** Whose vector the model is given. */
  readonly service: FeatureService;
  /** The ONNX file, relative to the definitions' folder. */
  readonly file: string;
  /** The output tensor that holds the score. */
  readonly output: string;
}

/**
 * What {@link model} takes. `onStale` says what to answer when a view's SLA is violated or its freshness unknown (R11):
 * the score all the same, the default score, another model's score, or 503.
 */
export type ModelOptions = CommonModelOptions &
  (
    | {
        /** `serve`: the score all the same. `reject`: 503 with Retry-After. */
        readonly onStale: "serve" | "reject";
        /** Not used by this policy. */
        readonly defaultScore?: number;
        /** Not used by this policy. */
        readonly fallback?: string | Model;
      }
    | {
        /** The default score. */
        readonly onStale: "default";
        /** The score to answer: any finite number. */
        readonly defaultScore: number;
        /** Not used by this policy. */
        readonly fallback?: string | Model;
      }
    | {
        /** The score of another model. */
        readonly onStale: "fallback";
        /** The other model, or its name; it has its own policy. */
        readonly fallback: string | Model;
        /** Not used by this policy. */
        readonly defaultScore?: number;
      }
  );

/** The options of {@link model}. */
export const MODEL_OPTIONS: OptionNames<ModelOptions> = {
  version: true,
  service: true,
  file: true,
  output: true,
  onStale: true,
  defaultScore: true,
  fallback: true,
  ...DOCUMENTED,
};

const POLICIES: readonly StalePolicy[] = ["serve", "default", "fallback", "reject"];

/**
 * Defines an ONNX model over one feature service.
 *
 * @throws FreshetError `DEFINITION_INVALID` for an option that does not exist, and a policy that lacks what it needs.
 * @example
 * ```ts
 * export const scorer = model("fraud", { service: checkout, file: "fraud.onnx", output: "probability", onStale: "reject" });
 * ```
 */
export function model<const Name extends string>(name: Name, options: ModelOptions): Model<Name> {
  const place = `model ${quote(name)}`;
  checkIdentifier("model", name);
  checkOptions(place, options, MODEL_OPTIONS);
  const version = options.version ?? 1;
  checkVersion(place, version);
  if (options.service?.kind !== "service") refuse(place, "service is not what service(...) returns.");
  for (const option of ["file", "output"] as const) {
    if (typeof options[option] !== "string" || options[option] === "") {
      refuse(place, `${option} is ${quote(options[option])}; write a name.`);
    }
  }
  if (!POLICIES.includes(options.onStale)) {
    refuse(place, `onStale is ${quote(options.onStale)}; write "serve", "default", "fallback" or "reject".`);
  }
  const { defaultScore } = options;
  if (defaultScore !== undefined && !Number.isFinite(defaultScore)) {
    refuse(place, `defaultScore is ${quote(defaultScore)}; write a finite number.`);
  }
  if (options.onStale === "default" && defaultScore === undefined) {
    refuse(place, `onStale is "default", but there is no defaultScore.`);
  }
  const fallback = fallbackOf(place, options.fallback);
  if (options.onStale === "fallback" && fallback === undefined) {
    refuse(place, `onStale is "fallback", but fallback names no model.`);
  }
  if (fallback === name) refuse(place, "is its own fallback.");
  return {
    kind: "model",
    name,
    version,
    service: options.service,
    file: options.file,
    output: options.output,
    onStale: options.onStale,
    defaultScore: defaultScore ?? null,
    fallback: fallback ?? null,
    ...documentedOf(place, options),
  };
}

function fallbackOf(place: string, given: string | Model | undefined): string | undefined {
  if (given === undefined || typeof given === "string") return given;
  if (given?.kind === "model") return given.name;
  return refuse(place, `fallback is ${quote(given)}; write a model, or the name of one.`);
}

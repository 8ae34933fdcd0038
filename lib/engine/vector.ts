import { FreshetError } from "../define/error.ts";
import { FROZEN_ADVICE, freezeDeep, isFrozenWrite } from "../define/freeze.ts";
import type { FeatureService, FeatureValue } from "../define/types.ts";
import { findFeature, valueAt } from "../define/vector-feature.ts";

/** Where one entry of a service's vector comes from. */
export type VectorEntry = {
  /** As the service's `vector` writes it. */
  readonly name: string;
  /** What enters instead of a null; null itself: NaN. */
  readonly whenNull: number | null;
} & (
  | {
      readonly from: "view";
      readonly alias: string;
      readonly feature: string;
      /** Where in the feature's value; empty for the value itself. */
      readonly path: readonly string[];
      /** What a key stands for that has no events. */
      readonly absent: 0 | null;
    }
  | { readonly from: "request"; readonly field: string }
  | { readonly from: "derive" }
);

/** A service's vector made ready to build: every name resolved once, not at each row. */
export interface VectorPlan {
  readonly service: FeatureService;
  readonly names: readonly string[];
  readonly entries: readonly VectorEntry[];
}

/** A model's input for one row: `values[i]` belongs to `names[i]`, NaN where there is no value. */
export interface FeatureVector {
  readonly names: readonly string[];
  readonly values: readonly number[];
}

/** What a vector is built from; where the service has a `derive`, its lists and records are frozen before it runs. */
export interface VectorInputs {
  /** By the service's alias, then by feature name. */
  readonly features: Readonly<Record<string, Readonly<Record<string, FeatureValue>>>>;
  /** The request's context, checked by the service's `request` schema. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly asOfMs: number;
}

/**
 * Resolves the names of a service's vector.
 *
 * @throws FreshetError `DEFINITION_INVALID` for a name that is no feature of the service's views, no field of its
 *   request and, without a `derive`, nothing at all.
 */
export function planVector(service: FeatureService): VectorPlan {
  const entries = service.vector.map((name): VectorEntry => {
    const whenNull = service.whenNull[name] ?? null;
    const dot = name.indexOf(".");
    const prefix = dot < 0 ? "" : name.slice(0, dot);
    const rest = name.slice(dot + 1);
    const reference = Object.hasOwn(service.views, prefix) ? service.views[prefix] : undefined;
    if (reference !== undefined) {
      const found = findFeature(reference.view, rest);
      if (found !== undefined) {
        const { feature, path, absent } = found;
        return { name, whenNull, from: "view", alias: prefix, feature: feature.name, path, absent };
      }
      throw unknownEntry(
        service,
        name,
        `view ${reference.view.name} has ${list(reference.view.features.map((f) => f.name))}`,
      );
    }
    if (prefix === "request") {
      const fields = Object.keys(service.request?.shape ?? {});
      if (fields.includes(rest)) return { name, whenNull, from: "request", field: rest };
      throw unknownEntry(service, name, `the request has ${list(fields)}`);
    }
    if (service.derive !== null) return { name, whenNull, from: "derive" };
    throw unknownEntry(
      service,
      name,
      `the service has the views ${list(Object.keys(service.views))} and no derive`,
    );
  });
  return { service, names: service.vector, entries };
}

/**
 * Builds one row of a model's input: runs `derive`, then takes each entry in order. True and false enter as 1 and 0;
 * null, and a number that is not finite (a ratio over zero), as the service's `whenNull`, else as NaN.
 * The same code builds the rows of training sets (R8).
 *
 * @throws FreshetError `DERIVE_FAILED` when `derive` throws, changes what it is given, leaves out a name of the vector, or answers something
 *   that is neither number, boolean nor null; also for text from a view or the request.
 * @example
 * ```ts
 * const plan = planVector(checkout);
 * const { values } = buildVector(plan, {
 *   features: { card: { spend_5m: 12.5, spend_24h: null } },
 *   request: { amount: 80 },
 *   asOfMs: 981_331_200_000,
 * });
 * ```
 */
export function buildVector(plan: VectorPlan, inputs: VectorInputs): FeatureVector {
  const derived = runDerive(plan.service, inputs);
  const values = plan.entries.map((entry) => {
    const value = takeValue(entry, inputs, derived);
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value === "boolean") return value ? 1 : 0;
    if (value === null || typeof value === "number" || (value === undefined && entry.from === "request")) {
      return entry.whenNull ?? Number.NaN;
    }
    throw wrongValue(plan.service, entry, value);
  });
  return { names: plan.names, values };
}

function takeValue(
  entry: VectorEntry,
  inputs: VectorInputs,
  derived: Readonly<Record<string, unknown>>,
): unknown {
  if (entry.from === "view") {
    const value = inputs.features[entry.alias]?.[entry.feature];
    return value === undefined ? undefined : valueAt(value, entry);
  }
  if (entry.from === "request") return inputs.request[entry.field];
  return Object.hasOwn(derived, entry.name) ? derived[entry.name] : undefined;
}

function runDerive(service: FeatureService, inputs: VectorInputs): Readonly<Record<string, unknown>> {
  if (service.derive === null) return {};
  let derived: unknown;
  try {
    derived = service.derive(freezeDeep(inputs.features), freezeDeep(inputs.request), inputs.asOfMs);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new FreshetError(
      "DERIVE_FAILED",
      `service ${service.name}@${service.version}: derive threw ${message}${isFrozenWrite(cause) ? `; ${FROZEN_ADVICE}` : ""}.`,
      { cause },
    );
  }
  if (
    typeof derived === "object" &&
    derived !== null &&
    !Array.isArray(derived) &&
    !(derived instanceof Promise)
  ) {
    return derived as Record<string, unknown>;
  }
  throw new FreshetError(
    "DERIVE_FAILED",
    `service ${service.name}@${service.version}: derive answered ${describe(derived)}; it must return an object of named values, not a promise.`,
  );
}

function wrongValue(service: FeatureService, entry: VectorEntry, value: unknown): FreshetError {
  const where = { view: "a view", request: "the request", derive: "derive" }[entry.from];
  return new FreshetError(
    "DERIVE_FAILED",
    `service ${service.name}@${service.version}: ${where} gave ${describe(value)} for ${entry.name}; a vector takes a number, a boolean or null.`,
  );
}

function unknownEntry(service: FeatureService, name: string, allowed: string): FreshetError {
  return new FreshetError(
    "DEFINITION_INVALID",
    `service ${service.name}@${service.version}: the vector names ${JSON.stringify(name)}, but ${allowed}.`,
  );
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a promise";
  return typeof value === "object" ? (value === null ? "null" : "an object") : `a ${typeof value}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

import type { z } from "zod";
import { checkHops } from "./check-hops.ts";
import { checkOptions, isRecord, type OptionNames } from "./check-options.ts";
import { DOCUMENTED, documentedOf } from "./documented.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { FreshetError } from "./error.ts";
import { expandFeature } from "./features/expand-feature.ts";
import { type FeatureBuilder, featureBuilder } from "./features/feature-builder.ts";
import { filterOf, type WhereOption } from "./features/filter.ts";
import type { AnyWindowed, FeaturesOf } from "./features/windowed-feature.ts";
import { checkIdentifier, checkVersion } from "./identifier.ts";
import { checkReturnsAtOnce } from "./pure-function.ts";
import { quote, refuse } from "./refuse.ts";
import type { RequiredFieldOf, RowOf } from "./row.ts";
import { describeFields } from "./schema-field.ts";
import { checkScalarField } from "./source.ts";
import type { Documented, Feature, Source, View } from "./types.ts";
import { isSingleWriter } from "./types.ts";
import { type DefinedView, referenceTo } from "./view-reference.ts";
import type { Scalar } from "./where.ts";
import { isTiled } from "./window.ts";

const DAY_MS = 86_400_000;
const MAX_DEDUP_COUNT = 10_000;

type EntityField<Schema extends z.ZodObject> = RequiredFieldOf<RowOf<Schema>, Scalar>;

/** The key of an entity: its fields with their types. */
export type KeyOf<Schema extends z.ZodObject, Entity extends string | readonly string[]> = {
  [Field in (Entity extends readonly string[] ? Entity[number] : Entity) &
    keyof RowOf<Schema> &
    string]: Extract<RowOf<Schema>[Field], Scalar>;
};

/** What {@link view} takes. */
export interface ViewOptions<
  Schema extends z.ZodObject,
  Entity extends string | readonly string[],
  Features extends Record<string, AnyWindowed>,
> extends Documented {
  /** Raise it when the features change: state of one version is never read as another (R13). */
  readonly version: number;
  /** Where its events come from; views of several sources are joined in a service. */
  readonly source: Source<string, Schema>;
  /** The field or fields whose values name an entity. Absent: one entity, of all events. */
  readonly entity?: Entity;
  /** How old an answer may be before it is stale (R11). */
  readonly sla: Duration;
  /** Features by name, each an aggregation of `t` over windows: the windows end their names. */
  readonly features: (t: FeatureBuilder<RowOf<Schema>>) => Features;
  /** Which rows belong to the view. Absent: all. */
  readonly where?: WhereOption<RowOf<Schema>>;
  /** How far back reads and closed windows stay exact, at most 30d (R5). Absent: not at all. */
  readonly allowedLateness?: Duration;
  /** Bounds of the ring of event ids: `horizon` 1s to 30d, `count` 1 to 10,000 (R3). @default { horizon: "24h", count: 128 } */
  readonly dedup?: DedupOptions;
}

/** How far back, and how many, event ids are kept to drop repeats by (R3). */
export interface DedupOptions {
  /** By arrival, 1s to 30d. @default "24h" */
  readonly horizon?: Duration;
  /** 1 to 10,000, the latest ones. @default 128 */
  readonly count?: number;
}

/** The options of {@link view}. */
export const VIEW_OPTIONS: OptionNames<ViewOptions<z.ZodObject, string, Record<string, AnyWindowed>>> = {
  version: true,
  source: true,
  entity: true,
  sla: true,
  features: true,
  where: true,
  allowedLateness: true,
  dedup: true,
  ...DOCUMENTED,
};
const DEDUP_OPTIONS: OptionNames<DedupOptions> = { horizon: true, count: true };

/**
 * Defines a set of features over one source for one entity.
 *
 * @throws FreshetError `DEFINITION_INVALID` for anything that R14 refuses: options that do not exist, unknown or wrongly
 *   typed fields, hops that do not divide each other, duplicate feature names, settings out of their bounds.
 * @example
 * ```ts
 * export const card = view("card", {
 *   version: 1, source: transactions, entity: "card", sla: "2m",
 *   features: (t) => ({ spend: t.sum("amount").over("5m", "1h", "24h") }), // spend_5m, spend_1h, spend_24h
 * });
 * ```
 */
export function view<
  const Name extends string,
  Schema extends z.ZodObject,
  Features extends Record<string, AnyWindowed>,
  const Entity extends EntityField<Schema> | readonly EntityField<Schema>[] = readonly [],
>(
  name: Name,
  options: ViewOptions<Schema, Entity, Features>,
): DefinedView<Name, FeaturesOf<Features>, KeyOf<Schema, Entity>> {
  const place = `view ${quote(name)}`;
  checkIdentifier("view", name);
  checkOptions(place, options, VIEW_OPTIONS);
  checkVersion(place, options.version);
  if (options.source?.kind !== "source") refuse(place, "source is not what source(...) returns.");
  const fields = describeFields(options.source.schema);
  const entity = entityOf(place, options.entity);
  for (const [index, field] of entity.entries()) {
    checkIdentifier(`${place}, entity`, field);
    checkScalarField(place, "entity", fields, field);
    if (entity.indexOf(field) !== index) refuse(place, `entity names ${quote(field)} twice.`);
  }
  const defined: View = {
    kind: "view",
    name,
    version: options.version,
    source: options.source,
    entity,
    slaMs: parseDuration(options.sla, `${place}, sla`),
    where: options.where === undefined ? null : filterOf(place, options.where, fields),
    allowedLatenessMs: allowedLatenessMsOf(place, options.allowedLateness),
    dedup: dedupOf(place, options.dedup, options.source),
    features: featuresOf(place, options.features, fields),
    ...documentedOf(place, options),
  };
  checkHops(place, defined);
  // Sessions are a matter of one sequence, and a lifetime's state must not be left behind by a shard that closed.
  const bound = defined.features.find(({ window }) => !isTiled(window));
  if (bound !== undefined && !isSingleWriter(defined)) {
    const over = bound.window.kind === "lifetime" ? "the lifetime" : "sessions";
    refuse(
      place,
      `feature "${bound.name}" is over ${over}, which needs an entity that holds the partition key "${options.source.partitionKey}" of source "${options.source.name}".`,
    );
  }
  // Not enumerable, so that a view stays plain data to whatever copies, prints or compares it.
  Object.defineProperty(defined, "by", {
    value: (names: Readonly<Record<string, string>>) => referenceTo(defined, names),
  });
  return defined as DefinedView<Name, FeaturesOf<Features>, KeyOf<Schema, Entity>>;
}

function entityOf(place: string, given: unknown): readonly string[] {
  if (given === undefined) return [];
  if (typeof given === "string") return [given];
  if (Array.isArray(given)) return [...given];
  return refuse(place, `entity is ${quote(given)}; write a field, a list of fields, or leave it out.`);
}

function featuresOf(
  place: string,
  make: unknown,
  fields: ReturnType<typeof describeFields>,
): readonly Feature[] {
  if (typeof make !== "function") {
    refuse(place, `features is ${quote(make)}; write a function of t that returns features by name.`);
  }
  checkReturnsAtOnce(place, "features", make);
  const given = returned(place, () => make(featureBuilder()));
  if (!isRecord(given))
    refuse(place, `features returned ${quote(given)}; return an object of features by name.`);
  const features = Object.entries(given).flatMap(([name, each]) =>
    expandFeature(`${place}, feature ${quote(name)}`, name, each as AnyWindowed, fields),
  );
  if (features.length === 0) refuse(place, "has no features.");
  const seen = new Set<string>();
  for (const { name } of features) {
    if (seen.has(name)) refuse(place, `two features are named ${quote(name)}.`);
    seen.add(name);
  }
  return features;
}

/** What a user's callback returns; what it throws is told with the view that it is of. */
function returned(place: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof FreshetError) throw cause;
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : quote(cause);
    return refuse(place, `features threw ${reason}.`, { cause });
  }
}

function allowedLatenessMsOf(place: string, given: Duration | undefined): number {
  if (given === undefined) return 0;
  const ms = parseDuration(given, `${place}, allowedLateness`);
  if (ms > 30 * DAY_MS) refuse(place, `allowedLateness is ${quote(given)}; at most 30d is allowed.`);
  return ms;
}

function dedupOf(place: string, given: DedupOptions | undefined, source: Source): View["dedup"] {
  if (given !== undefined) checkOptions(place, given, DEDUP_OPTIONS, "the options of dedup");
  if (given !== undefined && source.eventId === null) {
    refuse(place, `dedup is set, but source "${source.name}" names no eventId to tell repeats by.`);
  }
  const horizonMs = parseDuration(given?.horizon ?? "24h", `${place}, dedup.horizon`);
  if (horizonMs > 30 * DAY_MS) {
    refuse(place, `dedup.horizon is ${quote(given?.horizon)}; at most 30d is allowed.`);
  }
  const count = given?.count ?? 128;
  if (!Number.isInteger(count) || count < 1 || count > MAX_DEDUP_COUNT) {
    refuse(place, `dedup.count is ${quote(count)}; write a whole number from 1 to ${MAX_DEDUP_COUNT}.`);
  }
  return { horizonMs, count };
}

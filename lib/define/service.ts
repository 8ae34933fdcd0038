import type { z } from "zod";
import { checkOptions, isRecord, type OptionNames } from "./check-options.ts";
import { checkService } from "./check-service.ts";
import { DOCUMENTED, documentedOf } from "./documented.ts";
import { checkIdentifier, checkVersion } from "./identifier.ts";
import { quote, refuse } from "./refuse.ts";
import { isObjectSchema } from "./schema-field.ts";
import { checkSynchronous } from "./synchronous-schema.ts";
import type {
  Derive,
  Documented,
  FeatureScalar,
  FeatureService,
  FeatureValue,
  ValueCount,
  ValuesByKey,
  View,
  ViewReference,
} from "./types.ts";
import { referenceTo, type TypedViewReference } from "./view-reference.ts";
import type { Scalar } from "./where.ts";

/** What a service may list under an alias: a view, or a view under other key names. */
export type ServiceView = View | TypedViewReference;

type FeaturesOfView<V> =
  V extends View<string, infer Features, Record<string, Scalar>>
    ? Features
    : V extends TypedViewReference<infer Features, Record<string, Scalar>>
      ? Features
      : never;

type KeysOfView<V> =
  V extends View<string, Record<string, FeatureValue>, infer Key>
    ? Key
    : V extends TypedViewReference<Record<string, FeatureValue>, infer Keys>
      ? Keys
      : never;

/** Features by alias, as `derive` sees them. */
export type FeaturesByAlias<Views> = {
  readonly [Alias in keyof Views]: Readonly<FeaturesOfView<Views[Alias]>>;
};

type UnionToIntersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void
  ? I
  : never;

/** The keys that a request to the service names. */
export type KeysOf<Views> = UnionToIntersection<
  { [Alias in keyof Views]: KeysOfView<Views[Alias]> }[keyof Views]
>;

/** The keys that each of a service's views is read by, as requests name them. */
export type KeysByAlias<Views> = { readonly [Alias in keyof Views]: Readonly<KeysOfView<Views[Alias]>> };

/** The parsed request of a service; empty where it has none. */
export type RequestOf<Request> = Request extends z.ZodObject ? z.output<Request> : Record<never, never>;

// What a tensor can hold: null enters it as NaN, or as whenNull says.
type Numeric = number | boolean | null | undefined;
type NumericName<T> = { [Name in keyof T & string]: [T[Name]] extends [Numeric] ? Name : never }[keyof T &
  string];

/** The names of a view's numbers: of a feature, or of an item of one that is a list. */
type NumericFeature<T> = {
  [Name in keyof T & string]: [T[Name]] extends [Numeric] ? Name : NumericItem<Name, NonNullable<T[Name]>>;
}[keyof T & string];
type NumericItem<Name extends string, Value> =
  Value extends ValuesByKey<infer Kept>
    ? [Kept] extends [Numeric]
      ? `${Name}.${string}`
      : never
    : Value extends readonly (infer Item)[]
      ? [Item] extends [Numeric]
        ? `${Name}.${number}`
        : [Item] extends [ValueCount<infer Counted>]
          ? `${Name}.${number}.count` | ([Counted] extends [Numeric] ? `${Name}.${number}.value` : never)
          : never
      : never;

/**
 * What a service's vector may list: `alias.feature`, `alias.feature.0` for an item of a list or a key, `request.field` and
 * derived names, as far as they are numeric.
 */
export type VectorName<Views, Request, Derived> =
  | {
      [Alias in keyof Views & string]: `${Alias}.${NumericFeature<FeaturesOfView<Views[Alias]>>}`;
    }[keyof Views & string]
  | `request.${NumericName<RequestOf<Request>>}`
  | NumericName<Derived>;

/** What every {@link service} takes, with or without `derive`. */
export interface CommonServiceOptions<
  Views extends Readonly<Record<string, ServiceView>>,
  Request extends z.ZodObject | null,
  Name extends string,
> extends Documented {
  /** Raise it when the vector changes: models are trained on one version. */
  readonly version: number;
  /** Views by alias. */
  readonly views: Views;
  /** The context that a request brings beside its keys. */
  readonly request?: Request;
  /** The model's inputs, in its order. */
  readonly vector: readonly Name[];
  /** What enters the tensor instead of NaN for a null. */
  readonly whenNull?: { readonly [Each in Name]?: number };
}

/**
 * What {@link service} takes. The case without `derive` stands apart, because the compiler first tries the options
 * before it has looked into `derive`: names must pass then, and must not when there is no `derive` to make them.
 */
export type ServiceOptions<
  Views extends Readonly<Record<string, ServiceView>>,
  Request extends z.ZodObject | null,
  Derived extends Record<string, FeatureScalar>,
> =
  | (CommonServiceOptions<Views, Request, VectorName<NoInfer<Views>, NoInfer<Request>, NoInfer<Derived>>> & {
      /**
       * A pure function of features, request and as-of time (epoch milliseconds), run by the same code online and
       * offline.
       */
      readonly derive: (
        features: FeaturesByAlias<Views>,
        request: RequestOf<Request>,
        asOf: number,
      ) => Derived;
    })
  | (CommonServiceOptions<Views, Request, VectorName<NoInfer<Views>, NoInfer<Request>, unknown>> & {
      /** Absent: nothing is derived. */
      readonly derive?: undefined;
    });

/** A service's request as a caller writes it, before it is parsed; empty where it has none. */
export type RequestInputOf<Request> = Request extends z.ZodObject ? z.input<Request> : Record<string, never>;

/** A service with the types that a client of it needs. They exist at type-check only. */
export interface DefinedService<
  Name extends string = string,
  Keys = Record<string, Scalar>,
  Request = Record<string, unknown>,
  RequestInput = Request,
  Features = Record<string, Record<string, FeatureValue>>,
  AliasKeys = Record<string, Record<string, Scalar>>,
> extends FeatureService<Name> {
  /** @hidden */
  readonly __keys?: Keys;
  /** @hidden */
  readonly __request?: Request;
  /** @hidden */
  readonly __requestInput?: RequestInput;
  /** @hidden */
  readonly __features?: Features;
  /** @hidden */
  readonly __keysByAlias?: AliasKeys;
}

/** The options of {@link service}. */
export const SERVICE_OPTIONS: OptionNames<
  ServiceOptions<Readonly<Record<string, ServiceView>>, z.ZodObject, Record<string, FeatureScalar>>
> = {
  version: true,
  views: true,
  request: true,
  derive: true,
  vector: true,
  whenNull: true,
  ...DOCUMENTED,
};
const REFERENCE_OPTIONS: OptionNames<ViewReference> = { view: true, keys: true };

/**
 * Defines the ordered feature list of a model.
 *
 * @throws FreshetError `DEFINITION_INVALID` for an option that does not exist, a vector entry that does not exist or is
 *   no number, and for key names or aliases that clash.
 * @example
 * ```ts
 * export const checkout = service("checkout", {
 *   version: 1,
 *   views: { card, payer: account.by({ account: "payer" }) },
 *   request: z.object({ amount: z.number() }),
 *   derive: ({ card }, request) => ({ ratio: card.spend_24h === null ? null : request.amount / card.spend_24h }),
 *   vector: ["card.spend_5m", "payer.failures_10m", "ratio", "request.amount"],
 * });
 * ```
 */
export function service<
  const Name extends string,
  const Views extends Readonly<Record<string, ServiceView>>,
  Request extends z.ZodObject | null = null,
  Derived extends Record<string, FeatureScalar> = Record<string, number>,
>(
  name: Name,
  options: ServiceOptions<Views, Request, Derived>,
): DefinedService<
  Name,
  KeysOf<Views>,
  RequestOf<Request>,
  RequestInputOf<Request>,
  FeaturesByAlias<Views>,
  KeysByAlias<Views>
> {
  const place = `service ${quote(name)}`;
  checkIdentifier("service", name);
  checkOptions(place, options, SERVICE_OPTIONS);
  checkVersion(place, options.version);
  const views: Record<string, ViewReference> = {};
  if (!isRecord(options.views))
    refuse(place, `views are ${quote(options.views)}; write an object of views by alias.`);
  for (const [alias, given] of Object.entries(options.views as Readonly<Record<string, ServiceView>>)) {
    checkIdentifier(`${place}, views`, alias);
    if (alias === "request")
      refuse(place, `the alias "request" stands for the request's own fields; choose another.`);
    views[alias] = normalise(`${place}, view ${quote(alias)}`, given);
  }
  const request = (options.request ?? null) as z.ZodObject | null;
  if (request !== null && !isObjectSchema(request)) refuse(place, "request is not a z.object(...).");
  if (request !== null) checkSynchronous(place, "request", request);
  const { derive, whenNull } = options;
  if (derive !== undefined && typeof derive !== "function") {
    refuse(place, `derive is ${quote(derive)}; write a function that returns values by name.`);
  }
  if (whenNull !== undefined && !isRecord(whenNull)) {
    refuse(place, `whenNull is ${quote(whenNull)}; write an object of numbers by vector entry.`);
  }
  const defined: FeatureService<Name> = {
    kind: "service",
    name,
    version: options.version,
    views,
    request,
    derive: (derive as Derive | undefined) ?? null,
    vector: options.vector,
    whenNull: (whenNull as Readonly<Record<string, number>> | undefined) ?? {},
    ...documentedOf(place, options),
  };
  checkService(place, defined);
  return defined;
}

function normalise(place: string, given: ServiceView): ViewReference {
  if (typeof given === "object" && given !== null) {
    if ("kind" in given && given.kind === "view") return referenceTo(given);
    if ("view" in given && given.view?.kind === "view") {
      checkOptions(place, given, REFERENCE_OPTIONS, "the parts of a reference");
      return referenceTo(given.view, given.keys);
    }
  }
  return refuse(place, `${quote(given)} is neither a view nor what its by({...}) returns.`);
}

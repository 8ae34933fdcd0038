import type { AggregationName } from "../aggregation-call.ts";
import type { Duration } from "../duration.ts";
import type { FeatureValue } from "../types.ts";

/** An aggregation as the builder was asked for it, not yet checked. */
export interface AggregationRequest {
  /** A name that is none where the definition is not type-checked. */
  readonly aggregation: AggregationName;
  readonly value: unknown;
  readonly options: unknown;
}

/** A window as the builder was asked for it, not yet checked. */
export type WindowRequest =
  | { readonly kind: "sliding" | "tumbling" | "hopping"; readonly width: Duration; readonly options: unknown }
  | { readonly kind: "session"; readonly options: unknown }
  | { readonly kind: "lifetime"; readonly options: unknown };

/** How the tiles of a window are set. */
export interface WindowOptions {
  /** The length of a tile; the default is in docs of `over` and `tumbling`. */
  readonly hop: Duration;
}

/** How a hopping window moves. */
export interface HoppingOptions<Slide extends Duration> extends Partial<WindowOptions> {
  /** How far apart windows end, at most their width. */
  readonly slide: Slide;
}

/** What makes a session. */
export interface SessionOptions<Gap extends Duration, Max extends Duration> {
  /** An event so long after a session's last, or more, is none of it. */
  readonly gap: Gap;
  /** The longest that a session may get, from its first event to its last; at least the gap. */
  readonly max: Max;
}

/**
 * An aggregation that waits for its windows. `Value` is the feature's type, `Bucket` the values of its `by` field,
 * `Suffix` the windows chosen so far, as they end the features' names.
 */
export interface Windowless<
  Value extends FeatureValue,
  Bucket extends string,
  Suffix extends string = never,
> {
  /**
   * Sliding windows: `spend` over `"5m"` is the feature `spend_5m`. The hop is by default the longest of 1s, 10s, 1m,
   * 5m, 1h, 6h and 1d that is at most a twelfth of the window (R4).
   */
  over<const Widths extends readonly [Duration, ...Duration[]]>(
    ...widths: Widths
  ): Windowed<Value, Bucket, Suffix | Widths[number]>;
  /** One sliding window, with a hop of its own. */
  over<const Width extends Duration>(
    width: Width,
    options: WindowOptions,
  ): Windowed<Value, Bucket, Suffix | Width>;
  /**
   * Tumbling windows: `spend` over `"1h"` gives `spend_tumbling_1h`, the last closed hour, and
   * `spend_tumbling_1h_current`. The hop is by default the longest standard one that divides the window.
   */
  tumbling<const Width extends Duration>(
    width: Width,
    options?: WindowOptions,
  ): Windowed<Value, Bucket, Suffix | `tumbling_${Width}` | `tumbling_${Width}_current`>;
  /**
   * The last closed one of windows that end every `slide`, counted from the Unix epoch: `spend` over
   * `.hopping("1h", { slide: "15m" })` is `spend_hopping_1h_15m`. The hop is by default the longest standard one that
   * divides width and slide.
   */
  hopping<const Width extends Duration, const Slide extends Duration>(
    width: Width,
    options: HoppingOptions<Slide>,
  ): Windowed<Value, Bucket, Suffix | `hopping_${Width}_${Slide}`>;
  /**
   * The session that the as-of time is in: events of the view that follow one another by less than `gap`, at most `max`
   * from first to last. `visit` over `.session({ gap: "30m", max: "12h" })` is `visit_session_30m_12h`. For views whose
   * entity holds the partition key.
   */
  session<const Gap extends Duration, const Max extends Duration>(
    options: SessionOptions<Gap, Max>,
  ): Windowed<Value, Bucket, Suffix | `session_${Gap}_${Max}`>;
  /** Everything since the entity was first seen: `spend_lifetime`. For views whose entity holds the partition key. */
  lifetime(): Windowed<Value, Bucket, Suffix | "lifetime">;
}

/** An aggregation over one window or more. More may be added. */
export interface Windowed<Value extends FeatureValue, Bucket extends string, Suffix extends string>
  extends Windowless<Value, Bucket, Suffix> {
  /** @hidden */
  readonly request: AggregationRequest;
  /** @hidden */
  readonly windows: readonly WindowRequest[];
  /**
   * Type-check only; never set.
   * @hidden
   */
  readonly __types?: { readonly value: Value; readonly bucket: Bucket; readonly suffix: Suffix };
}

/** Any windowed feature. */
export type AnyWindowed = Windowed<FeatureValue, string, string>;

type FeatureName<Name extends string, Bucket extends string, Suffix extends string> = [Bucket] extends [never]
  ? `${Name}_${Suffix}`
  : `${Name}_${Suffix}.${Bucket}`;

type Entry<F> = {
  [Name in keyof F & string]: F[Name] extends Windowed<infer Value, infer Bucket, infer Suffix>
    ? { readonly name: FeatureName<Name, Bucket, Suffix>; readonly value: Value }
    : never;
}[keyof F & string];

/** The row type of a view's answer, from what its features callback returns. */
export type FeaturesOf<F> = { [Each in Entry<F> as Each["name"]]: Each["value"] };

/** Starts an aggregation; windows are added by its methods. */
export function windowed<Value extends FeatureValue, Bucket extends string>(
  request: AggregationRequest,
): Windowless<Value, Bucket> {
  return chain(request, []);
}

function chain(
  request: AggregationRequest,
  windows: readonly WindowRequest[],
): Windowed<never, never, never> {
  const add = (...more: readonly WindowRequest[]) => chain(request, [...windows, ...more]);
  return {
    request,
    windows,
    over: (...given: readonly unknown[]) => {
      const last = given.at(-1);
      const options = given.length > 1 && typeof last !== "string" ? last : undefined;
      const widths = (options === undefined ? given : given.slice(0, -1)) as readonly Duration[];
      return add(...widths.map((width) => ({ kind: "sliding" as const, width, options })));
    },
    tumbling: (width: Duration, options?: unknown) => add({ kind: "tumbling", width, options }),
    hopping: (width: Duration, options: unknown) => add({ kind: "hopping", width, options }),
    session: (options: unknown) => add({ kind: "session", options }),
    lifetime: (options?: unknown) => add({ kind: "lifetime", options }),
  };
}

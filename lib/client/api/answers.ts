import type { FeatureValue } from "../../define/types.ts";
import type { Scalar } from "../../define/where.ts";

/** What every answer says of a view it read. Times are ISO 8601. */
export interface ViewAnswer {
  /** Its name, without the version. */
  readonly view: string;
  /** The view version that was read. */
  readonly version: number;
  /** The entity, by the view's own fields. */
  readonly key: Readonly<Record<string, Scalar>>;
  /** False when the entity was never seen, or has expired. */
  readonly known: boolean;
  /** What every window ends at. */
  readonly asOf: string;
  /** How far behind the view may be; null: unknown. */
  readonly lagMs: number | null;
  /** How far behind it may be before it is stale. */
  readonly slaMs: number;
  /** By lag and SLA; `warming` where those are kept and the view is younger than its longest window. */
  readonly status: "fresh" | "stale" | "unknown" | "warming";
  /** Whether the view is younger than its longest window, whatever the status; null: not known. */
  readonly warming: boolean | null;
  /** False for an eventually consistent read, which is never fresh. */
  readonly consistent: boolean;
  /** What was done about the view's freshness. */
  readonly policy: "serve" | "default" | "fallback" | "reject";
  /** How far each item that was read had been folded. */
  readonly position: readonly { readonly writer: string; readonly sequenceNumber: string }[];
}

/** A model, by name and version. */
export interface ModelName {
  readonly name: string;
  readonly version: number;
}

interface Scored {
  readonly asOf: string;
  readonly score: number;
  /** The model whose score this is; with policy `default`, whose default. */
  readonly model: ModelName;
  /** The models before, whose views violated their SLA. */
  readonly passedOver: readonly {
    readonly model: ModelName;
    readonly views: Readonly<Record<string, ViewAnswer>>;
  }[];
}

/** A score, and what it was computed from. `Alias` names the service's views; a fallback model may have others. */
export type Prediction<Alias extends string = string> =
  | (Scored & {
      readonly policy: "serve";
      /** The vector that was scored, in order. */
      readonly features: Readonly<Record<string, number | null>>;
      readonly views: Readonly<Record<Alias, ViewAnswer>>;
    })
  | (Scored & {
      readonly policy: "default";
      readonly features: null;
      readonly views: Readonly<Record<Alias, ViewAnswer>>;
    })
  | (Scored & {
      readonly policy: "fallback";
      readonly features: Readonly<Record<string, number | null>>;
      readonly views: Readonly<Record<string, ViewAnswer>>;
    });

/** The features of a service's views, by alias. */
export type ServiceFeatures<Features = Readonly<Record<string, Readonly<Record<string, FeatureValue>>>>> = {
  readonly [Alias in keyof Features]: ViewAnswer & { readonly features: Features[Alias] };
};

/** A problem document (RFC 9457), as the API answers it. */
export interface Problem {
  /** `/problems/invalid-request` and the like, see docs/http-api.md. */
  readonly type: string;
  /** What the type means, the same for each of it. */
  readonly title: string;
  /** The kit's own code: match on it. */
  readonly code: string;
  /** The answer's HTTP status. */
  readonly status: number;
  /** What was given, what is allowed, and where. */
  readonly detail: string;
  /** The path that was asked. */
  readonly instance: string;
  /** As in `X-Request-Id` and in the API's log. */
  readonly requestId: string;
  /** Each place of the request that does not fit, by JSON pointer. */
  readonly errors?: readonly {
    readonly pointer: string;
    readonly issue: "missing" | "unknown-field" | "wrong-type" | "invalid-value";
    readonly detail: string;
  }[];
}

import type {
  AggregationCall,
  AggregationName,
  AggregationParameters,
  ValueExpression,
} from "../../define/aggregation-call.ts";
import type { FeatureValue } from "../../define/types.ts";
import type { Scalar, Where } from "../../define/where.ts";
import type { Window } from "../../define/window.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { Hash64 } from "../hash.ts";
import type { Arithmetic, TimedForm } from "./arithmetic.ts";

/** One event as a column sees it. The object is reused between events: take from it, do not keep it. */
export interface ColumnInput {
  /**
   * The value, of the type that the kind accepts, or what the kind's `digest` made of it. Not meaningful for kinds that
   * accept `"nothing"`.
   */
  value: Scalar;
  eventTimeMs: number;
  /** 64-bit hash of the event's id, or else of its shard and sequence number: the tie-break of R6. */
  identityHigh: number;
  identityLow: number;
  /** For kinds that keep partials by key: the event's. */
  key?: string;
}

/**
 * A kind of stored column: how the partial aggregate `P` of one tile starts, grows, merges and is written.
 *
 * - The state is a pure function of the events in order, and `decode(encode(p))` is `p` bit for bit: a fold goes on
 *   from decoded bytes at every batch, so a partial that differed after a round trip would break R1.
 * - `add` and `merge` may change and return their first argument; `merge` leaves its second alone, and never answers
 *   a mutable second argument itself: a row's partial is merged into several windows.
 * - A merge's encoding is at most `maxGrowthBytes` longer than those of its arguments together.
 * - `zero()` is a number or null, and no event leaves a partial equal to it: an empty window is told by it.
 * - `merge` is a left fold in (tile start, shard) order; it is associative up to floating-point rounding, and up to its
 *   documented error where a sketch has overflowed.
 */
export interface ColumnKind<P = unknown> {
  /** Names kind and settings, such as `"sum"` or `"quantiles/0.01"`; two columns of one id, value and filter are one. */
  readonly id: string;
  /** What values it takes; an event whose value is null, not finite or of another type is skipped. */
  readonly accepts: "nothing" | "number" | "scalar";
  /** Upper bound on the bytes that `encode` writes for one tile. */
  readonly maxBytes: number;
  /**
   * Upper bound on the bytes that one `add` lengthens a tile's encoding by, and one `merge` beyond the right side's own.
   * @default maxBytes
   */
  readonly maxGrowthBytes?: number;
  /**
   * What a value comes down to for this kind, as a finite number made of its hash: kept in its place from decoding to
   * `add`.
   * @default the value itself
   */
  readonly digest?: (hash: Hash64) => number;
  /** The kind that does the same without a value, where every event has one that this kind accepts. */
  readonly whenNeverNull?: ColumnKind<P>;
  /** Set by `numberKind`: rows then keep the partials as doubles and do the arithmetic themselves. */
  readonly arithmetic?: Arithmetic;
  /** Set by `timedValueKind`: rows then keep the value's place as doubles. */
  readonly timed?: TimedForm;
  /**
   * Marks a partial that was just decoded as one of a writer's, by the writer's rank among those that are read together:
   * the last tie-break of R6, for kinds whose merge asks for it. Tiles merge by start first, so that the order of merging
   * does not tell. May change and return its argument.
   */
  readonly ofWriter?: (partial: P, writerRank: number) => P;
  zero(): P;
  add(partial: P, input: ColumnInput): P;
  merge(left: P, right: P): P;
  /** `tileStartMs` is the same at encode and decode: times are written relative to it. 0 for a lifetime row. */
  encode(writer: ByteWriter, partial: P, tileStartMs: number): void;
  decode(reader: ByteReader, tileStartMs: number): P;
}

/** A column that an aggregation needs. */
export interface ColumnRequest {
  // biome-ignore lint/suspicious/noExplicitAny: columns of different partials stand in one list; each is used by its own kind only.
  readonly kind: ColumnKind<any>;
  readonly value: ValueExpression | null;
  readonly where: Where | null;
  /** The field whose text is the key, for kinds that keep partials by key. */
  readonly by?: string;
}

/** What `result` may look at beside its partials. */
export interface ResultContext {
  readonly parameters: AggregationParameters;
  readonly asOfMs: number;
  readonly window: Window;
  /** Where the window begins; null for a lifetime. */
  readonly startMs: number | null;
  /** The as-of time, or where the window ended before it. */
  readonly endMs: number;
}

/** An aggregation that users can ask for: the columns it needs, and its result from their partials. */
export interface Aggregation {
  readonly name: AggregationName;
  /** How near its result comes to the exact one, for the table in docs/aggregations.md. */
  readonly accuracy: string;
  columns(call: AggregationCall, window: Window): readonly ColumnRequest[];
  /** `partials[i]` is the merged partial of `columns(call)[i]`, its `zero()` for an empty window (R7). */
  // biome-ignore lint/suspicious/noExplicitAny: see ColumnRequest.
  result(partials: readonly any[], context: ResultContext): FeatureValue;
}

import type { AggregationCall } from "../../lib/define/aggregation-call.ts";
import { AGGREGATION_TRAITS } from "../../lib/define/aggregation-traits.ts";
import type { ValueCount } from "../../lib/define/types.ts";
import type { Condition, Scalar, Where } from "../../lib/define/where.ts";
import type { Window } from "../../lib/define/window.ts";
import { exactMoments } from "./moments.ts";
import { covered } from "./windows.ts";

/** An event as an aggregation's oracle sees it. */
export interface OracleEvent {
  readonly row: Readonly<Record<string, unknown>>;
  readonly eventTimeMs: number;
  /** The 64-bit hash that breaks ties of event time (R6); needed only where such events differ in value. */
  readonly identity?: bigint;
}

/** When an aggregation is asked, and over what: needed by those that measure time. */
export interface OracleContext {
  readonly asOfMs: number;
  readonly window: Window;
  /** When the session began that the as-of time is in. */
  readonly sessionStartMs?: number;
}

/** What an oracle answers: a single value, or a list. */
export type OracleValue = Scalar | null | readonly Scalar[] | readonly ValueCount[];

const LIFETIME: OracleContext = { asOfMs: 0, window: { kind: "lifetime" } };

/**
 * The exact value of an aggregation over a list of events, in the order they were folded: what the engine must answer,
 * but for the rounding of sums and the documented error of sketches.
 */
export function oracleValue(
  call: AggregationCall,
  events: readonly OracleEvent[],
  context: OracleContext = LIFETIME,
): OracleValue {
  const matching = events.filter((event) => meets(call.where, event.row));
  const valued = matching.filter((event) => taken(call, event) !== null);
  const values = valued.map((event) => taken(call, event)!);
  const numbers = values.filter((value) => typeof value === "number");
  const { p, k, max, edges, perMs, halfLifeMs } = call.parameters;
  switch (call.name) {
    case "count":
      return countOf(call, matching);
    case "sum":
      return numbers.length === 0 ? null : sumOf(numbers);
    case "mean":
      return numbers.length === 0 ? null : sumOf(numbers) / numbers.length;
    case "min":
      return numbers.length === 0 ? null : sorted(numbers)[0]!;
    case "max":
      return numbers.length === 0 ? null : sorted(numbers)[numbers.length - 1]!;
    case "variance":
    case "stddev":
    case "skew":
    case "kurtosis":
      return exactMoments(numbers)[call.name];
    case "first":
      return inTime(valued).map((event) => taken(call, event)!)[0] ?? null;
    case "last":
      return (
        inTime(valued)
          .map((event) => taken(call, event)!)
          .at(-1) ?? null
      );
    case "firstK":
      return listOf(
        inTime(valued).map((event) => taken(call, event)!),
        k!,
      );
    case "lastK":
      return listOf(
        inTime(valued)
          .map((event) => taken(call, event)!)
          .reverse(),
        k!,
      );
    case "topK":
      return listOf(sorted(numbers).reverse(), k!);
    case "bottomK":
      return listOf(sorted(numbers), k!);
    case "share":
      return countOf(call, events) === 0 ? null : countOf(call, matching) / countOf(call, events);
    case "rate":
      return rateOf(matching, perMs!, context);
    case "timeSinceLast":
      return matching.length === 0
        ? null
        : Math.max(0, context.asOfMs - Math.max(...matching.map((event) => event.eventTimeMs))) / 1_000;
    case "distinct":
      return Math.min(new Set(values).size, max!);
    case "approxDistinct":
      return new Set(values).size;
    case "approxPercentile":
      return numbers.length === 0 ? null : sorted(numbers)[Math.floor(p! * (numbers.length - 1))]!;
    case "approxTopK":
      return values.length === 0 ? null : mostFrequent(values).slice(0, k!);
    case "histogram":
      return numbers.length === 0 ? null : histogramOf(numbers, edges!);
    case "expDecaySum":
    case "expDecayCount": {
      const numeric = valued.filter((event) => typeof taken(call, event) === "number");
      const counted = call.name === "expDecayCount" ? matching : numeric;
      if (counted.length === 0) return call.name === "expDecayCount" ? 0 : null;
      const newestMs = Math.max(context.asOfMs, ...counted.map((event) => event.eventTimeMs));
      return sumOf(
        counted.map((event) => {
          // Whole half-lives apart: an exponent of sixty would be rounded in its last six bits.
          const ageMs = newestMs - event.eventTimeMs;
          const weight = 2 ** -((ageMs % halfLifeMs!) / halfLifeMs!) / 2 ** Math.floor(ageMs / halfLifeMs!);
          return weight * (call.name === "expDecayCount" ? 1 : (taken(call, event) as number));
        }),
      );
    }
  }
}

/** The values that an aggregation takes from events, in their order. */
export function takenValues(call: AggregationCall, events: readonly OracleEvent[]): Scalar[] {
  return events
    .filter((event) => meets(call.where, event.row))
    .map((event) => taken(call, event))
    .filter((value) => value !== null);
}

/** The events that an aggregation takes: those of its filter that have a value of its kind, where it needs one. */
export function takenEvents(call: AggregationCall, events: readonly OracleEvent[]): readonly OracleEvent[] {
  const needsNumber = AGGREGATION_TRAITS[call.name].takes === "number";
  return events.filter((event) => {
    if (!meets(call.where, event.row)) return false;
    if (call.value === null) return true;
    const value = taken(call, event);
    return needsNumber ? typeof value === "number" : value !== null;
  });
}

/** The values with how often each came: by count, then numbers before texts before booleans, and ascending. */
export function mostFrequent(values: readonly Scalar[]): ValueCount[] {
  const rank = (value: Scalar) => ["number", "string", "boolean"].indexOf(typeof value);
  return [...new Set(values)]
    .map((value) => ({ value, count: values.filter((each) => each === value).length }))
    .sort((left, right) => {
      if (left.count !== right.count) return right.count - left.count;
      if (rank(left.value) !== rank(right.value)) return rank(left.value) - rank(right.value);
      return left.value < right.value ? -1 : 1;
    });
}

function listOf<T extends Scalar>(values: readonly T[], k: number): readonly T[] | null {
  return values.length === 0 ? null : values.slice(0, k);
}

function rateOf(
  events: readonly OracleEvent[],
  perMs: number,
  { asOfMs, window, sessionStartMs }: OracleContext,
): number | null {
  if (events.length === 0) return null;
  const { startMs, endMs } =
    window.kind === "session" ? { startMs: sessionStartMs!, endMs: asOfMs } : covered(window, asOfMs);
  const fromMs = window.kind === "lifetime" ? Math.min(...events.map((event) => event.eventTimeMs)) : startMs;
  const coveredMs = Math.min(asOfMs, endMs) - fromMs;
  return coveredMs <= 0 ? null : (events.length * perMs) / coveredMs;
}

function histogramOf(numbers: readonly number[], edges: readonly number[]): number[] {
  const bounds = [Number.NEGATIVE_INFINITY, ...edges, Number.POSITIVE_INFINITY];
  return bounds
    .slice(1)
    .map((end, index) => numbers.filter((value) => value >= bounds[index]! && value < end).length);
}

function countOf(call: AggregationCall, events: readonly OracleEvent[]): number {
  if (call.value === null) return events.length;
  return events.filter((event) => taken(call, event) !== null).length;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((left, right) => left - right);

/** Events by event time, then identity, then the order they were folded in. */
function inTime(events: readonly OracleEvent[]): OracleEvent[] {
  return [...events].sort((left, right) => {
    if (left.eventTimeMs !== right.eventTimeMs) return left.eventTimeMs - right.eventTimeMs;
    const order = identityOf(left) - identityOf(right);
    return order < 0n ? -1 : order > 0n ? 1 : 0;
  });
}

function identityOf({ identity, eventTimeMs }: OracleEvent): bigint {
  if (identity === undefined)
    throw new Error(`events tie at ${eventTimeMs}: the oracle needs their identity`);
  return identity;
}

/** The value an aggregation takes from an event; null where there is none to take. Zero has one sign (R8). */
function taken(call: AggregationCall, event: OracleEvent): Scalar | null {
  if (call.value === null) return null;
  const value = call.value.kind === "field" ? event.row[call.value.field] : call.value.apply(event.row);
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}

function meets(where: Where | null, row: OracleEvent["row"]): boolean {
  if (where === null) return true;
  if (where.kind === "function") return where.test(row);
  return Object.entries(where.conditions).every(([field, condition]) => {
    const value = row[field];
    return value !== null && value !== undefined && meetsCondition(condition, value as Scalar);
  });
}

function meetsCondition(condition: Condition, value: Scalar): boolean {
  if (typeof condition !== "object") return value === condition;
  switch (condition.operator) {
    case "gt":
      return (value as number) > condition.value;
    case "gte":
      return (value as number) >= condition.value;
    case "lt":
      return (value as number) < condition.value;
    case "lte":
      return (value as number) <= condition.value;
    case "not":
      return value !== condition.value;
    case "oneOf":
      return condition.values.includes(value);
  }
}

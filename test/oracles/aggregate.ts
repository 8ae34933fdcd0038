import type { AggregationCall } from "../../lib/define/aggregation-call.ts";
import type { Condition, Scalar, Where } from "../../lib/define/where.ts";

/** An event as an aggregation's oracle sees it. */
export interface OracleEvent {
  readonly row: Readonly<Record<string, unknown>>;
  readonly eventTimeMs: number;
  /** The 64-bit hash that breaks ties of event time (R6); needed only where such events differ in value. */
  readonly identity?: bigint;
}

/**
 * The exact value of an aggregation over a list of events, in the order they were folded: what the engine must answer,
 * but for the rounding of sums and the documented error of sketches.
 */
export function oracleValue(call: AggregationCall, events: readonly OracleEvent[]): Scalar | null {
  const matching = events.filter((event) => meets(call.where, event.row));
  const numbers = matching.map((event) => taken(call, event)).filter((value) => typeof value === "number");
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
    case "last":
      return lastOf(call, matching);
    case "share":
      return countOf(call, events) === 0 ? null : countOf(call, matching) / countOf(call, events);
    case "approxDistinct":
      return new Set(matching.map((event) => taken(call, event)).filter((value) => value !== null)).size;
    case "approxPercentile":
      return numbers.length === 0
        ? null
        : sorted(numbers)[Math.floor(call.parameters.p! * (numbers.length - 1))]!;
  }
}

function countOf(call: AggregationCall, events: readonly OracleEvent[]): number {
  if (call.value === null) return events.length;
  return events.filter((event) => taken(call, event) !== null).length;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((left, right) => left - right);

function lastOf(call: AggregationCall, events: readonly OracleEvent[]): Scalar | null {
  const valued = events.filter((event) => taken(call, event) !== null);
  if (valued.length === 0) return null;
  const newestMs = Math.max(...valued.map((event) => event.eventTimeMs));
  const newest = valued.filter((event) => event.eventTimeMs === newestMs);
  if (new Set(newest.map((event) => taken(call, event))).size === 1) return taken(call, newest[0]!);
  // Of one identity the one folded later wins.
  return taken(
    call,
    newest.reduce((winner, event) => (identityOf(event) >= identityOf(winner) ? event : winner)),
  );
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

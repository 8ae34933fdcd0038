import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { AggregationCall } from "../../../lib/define/aggregation-call.ts";
import type { FeatureValue, ValueCount, ValuesByKey } from "../../../lib/define/types.ts";
import {
  mostFrequent,
  type OracleContext,
  type OracleEvent,
  oracleValue,
  takenEvents,
  takenValues,
} from "../../oracles/aggregate.ts";

/** The unit of rounding: half of it, relative, is what one operation on doubles errs by. */
const UNIT = 2 ** -52;

/** Expects what a recount answers, or what lies within the error that the aggregation documents. */
export function expectAnswer(check: {
  readonly call: AggregationCall;
  readonly actual: FeatureValue | undefined;
  /** What the window holds, in the order that it was folded. */
  readonly events: readonly OracleEvent[];
  readonly context: OracleContext;
  readonly label?: string;
}): void {
  const { call, actual, events, context, label = call.name } = check;
  if (call.by !== undefined) {
    expectByKey(call, check, label);
    return;
  }
  const exact = oracleValue(call, events, context);
  if (call.name === "approxTopK") {
    expectFrequent(call, actual, takenValues(call, events), label);
    return;
  }
  // Nearly always alike to the last bit; a matcher costs a hundred times as much as this.
  if (isDeepStrictEqual(actual, exact)) return;
  const error = typeof exact === "number" ? allowedError(call, exact, events, context) : 0;
  if (error === 0) expect(actual, label).toStrictEqual(exact);
  else {
    expect(actual, label).toBeTypeOf("number");
    const off = Math.abs((actual as number) - (exact as number));
    expect(off, `${label}: ${actual} for ${exact}`).toBeLessThanOrEqual(error);
  }
}

/** Every key as if it were alone, while there is room; past that, no key has more than is its, and nothing is lost. */
function expectByKey(
  call: AggregationCall,
  { actual, events, context }: Parameters<typeof expectAnswer>[0],
  label: string,
): void {
  const { by, ...alone } = call;
  const { field, maxKeys } = by!;
  const groups = new Map<string, OracleEvent[]>();
  for (const event of events) {
    const key = keyOf(event.row[field]);
    if (key === null || takenEvents(alone, [event]).length === 0) continue;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  const { values, overflowed } = actual as ValuesByKey;
  if (groups.size <= maxKeys) {
    expect(Object.keys(values).sort(), label).toEqual([...groups.keys()].sort());
    expect(overflowed, label).toBe(0);
    for (const [key, ofKey] of groups) {
      expectAnswer({ call: alone, actual: values[key], events: ofKey, context, label: `${label} of ${key}` });
    }
    return;
  }
  expect(Object.keys(values).length, label).toBeLessThanOrEqual(maxKeys);
  expect(overflowed, label).toBeGreaterThan(0);
  if (call.name !== "count") return;
  let counted = overflowed;
  for (const [key, value] of Object.entries(values)) {
    expect(value, label).toBeLessThanOrEqual(groups.get(key)!.length);
    counted += value as number;
  }
  expect(counted, label).toBe([...groups.values()].flat().length);
}

/** Values that are no text are keys as they are written. */
function keyOf(value: unknown): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? `${value}` : null;
  return typeof value === "string" || typeof value === "boolean" ? `${value}` : null;
}

function allowedError(
  call: AggregationCall,
  exact: number,
  events: readonly OracleEvent[],
  context: OracleContext,
): number {
  const numbers = takenValues(call, events).filter((value) => typeof value === "number");
  const n = numbers.length;
  const magnitude = numbers.reduce((total, value) => total + Math.abs(value), 0);
  switch (call.name) {
    case "sum":
      return n * UNIT * magnitude;
    case "mean":
      return UNIT * magnitude + UNIT * Math.abs(exact);
    case "variance":
      return exact * relativeSpread(numbers);
    case "stddev":
      return exact * (relativeSpread(numbers) / 2 + UNIT);
    case "skew":
      return relativeSpread(numbers) * (cubed(numbers) + 1.5 * Math.abs(exact)) + 4 * UNIT * Math.abs(exact);
    case "kurtosis":
      return 3 * relativeSpread(numbers) * (exact + 3) + 4 * UNIT * (exact + 3);
    case "rate":
      return 2 * UNIT * exact;
    case "approxPercentile":
      // Subnormal values count as zero.
      return 0.01 * Math.abs(exact) + 2.3e-308;
    case "approxDistinct":
      // Of at most 60 values, two pairs sharing a register is as unlikely as three standard errors.
      return 2;
    case "expDecaySum":
    case "expDecayCount": {
      // The same sum of magnitudes; once for the engine's rounding, and once for the oracle's.
      const value =
        call.value === null
          ? null
          : { kind: "function" as const, apply: (row: OracleEvent["row"]) => magnitudeOf(call, row) };
      const magnitudes = oracleValue({ ...call, value }, events, context) as number;
      return 2 * (events.length + 6) * UNIT * magnitudes + 1e-300;
    }
    default:
      return 0;
  }
}

/** The magnitude of a number; null for any other value. */
function magnitudeOf({ value }: AggregationCall, row: OracleEvent["row"]): number | null {
  const taken = value!.kind === "field" ? row[value!.field] : value!.apply(row);
  return typeof taken === "number" ? Math.abs(taken) : null;
}

/** 2 n (r / s) 2^-52: root mean square r, standard deviation s. */
function relativeSpread(numbers: readonly number[]): number {
  const rootMeanSquare = Math.sqrt(meanOf(numbers.map((value) => value * value)));
  const { deviation } = deviations(numbers);
  return deviation === 0 ? 0 : (2 * numbers.length * rootMeanSquare * UNIT) / deviation;
}

/** The mean of |d|³ over s³. */
function cubed(numbers: readonly number[]): number {
  const { mean, deviation } = deviations(numbers);
  return meanOf(numbers.map((value) => Math.abs(value - mean) ** 3)) / deviation ** 3;
}

function deviations(numbers: readonly number[]): { mean: number; deviation: number } {
  const mean = meanOf(numbers);
  return { mean, deviation: Math.sqrt(meanOf(numbers.map((value) => (value - mean) ** 2))) };
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0) / numbers.length;
}

/** Exact while there is room for every value; past that, low by at most n / (capacity + 1), and near the most frequent. */
function expectFrequent(
  { parameters }: AggregationCall,
  actual: FeatureValue | undefined,
  values: ReturnType<typeof takenValues>,
  label: string,
): void {
  const { k, capacity } = parameters as { k: number; capacity: number };
  const truth = mostFrequent(values);
  if (truth.length <= capacity) {
    const exact = truth.length === 0 ? null : truth.slice(0, k);
    if (!isDeepStrictEqual(actual, exact)) expect(actual, label).toStrictEqual(exact);
    return;
  }
  const listed = actual as readonly ValueCount[];
  const error = values.length / (capacity + 1);
  expect(listed.length, label).toBeLessThanOrEqual(k);
  expect(listed.map(({ count }) => count)).toEqual(listed.map(({ count }) => count).sort((a, b) => b - a));
  for (const { value, count } of listed) {
    const exact = truth.find((each) => each.value === value)!.count;
    expect(count, label).toBeLessThanOrEqual(exact);
    expect(count, label).toBeGreaterThanOrEqual(exact - error);
  }
  const least = listed.length < k ? 0 : listed.at(-1)!.count;
  for (const { value, count } of truth) {
    if (!listed.some((each) => each.value === value)) expect(count, label).toBeLessThanOrEqual(least + error);
  }
}

import { expect } from "vitest";
import type { Scalar } from "../../../lib/define/where.ts";
import type { ColumnInput, ColumnKind } from "../../../lib/engine/aggregations/column-kind.ts";
import type { DecayedSum } from "../../../lib/engine/aggregations/decayed-sum.ts";
import type { Keyed } from "../../../lib/engine/aggregations/keyed.ts";
import type { Moments } from "../../../lib/engine/aggregations/moments.ts";
import type { FrequentValues } from "../../../lib/engine/sketches/frequent-values.ts";
import { bytesOf, kinds } from "./column-fixtures.ts";

/**
 * Expects two partials of the same inputs, merged in other parts, to agree: to the last bit, but where floating-point
 * sums depend on order, and where a sketch that has overflowed keeps to its documented error alone.
 */
export function expectAlike(check: {
  readonly kind: ColumnKind;
  readonly actual: unknown;
  readonly expected: unknown;
  readonly inputs: readonly ColumnInput[];
  readonly tileStartMs: number;
}): void {
  const { kind, actual, expected, inputs, tileStartMs } = check;
  if (kind.id.startsWith("frequent/")) {
    for (const sketch of [actual, expected])
      expectWithinError(sketch as FrequentValues | null, inputs, capacityOf(kind));
    if (new Set(inputs.map(({ value }) => value)).size > capacityOf(kind)) return;
  }
  if (kind.id.startsWith("keyed/")) {
    expectKeysAlike(check);
    return;
  }
  const scale = Math.max(0, ...inputs.map(({ value }) => (typeof value === "number" ? Math.abs(value) : 1)));
  const rounding = 1e-14 * inputs.length;
  if (kind.id === "sum" && typeof expected === "number") {
    expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(rounding * inputs.length * scale);
  } else if (kind.id.startsWith("moments/") && expected !== null) {
    const [left, right] = [actual as Moments, expected as Moments];
    expect(left.count).toBe(right.count);
    for (const [power, name] of (["mean", "m2", "m3", "m4"] as const).entries()) {
      // Below the least normal double, each product is rounded by as much as it may be.
      const subnormal = 16 * inputs.length * Number.MIN_VALUE;
      const allowed = rounding * inputs.length * (2 * scale) ** (power + 1) + subnormal;
      expect(Math.abs(left[name] - right[name]), name).toBeLessThanOrEqual(allowed);
    }
  } else if (kind.id.startsWith("decayed/") && expected !== null) {
    const [left, right] = [actual as DecayedSum, expected as DecayedSum];
    expect(left.newestMs).toBe(right.newestMs);
    expect(Math.abs(left.sum - right.sum)).toBeLessThanOrEqual(rounding * inputs.length * Math.max(1, scale));
  } else expectSameBytes(bytesOf(kind, actual, tileStartMs), bytesOf(kind, expected, tileStartMs));
}

/** A matcher costs a hundred times as much as the comparison, which nearly always is all that it takes. */
export function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) !== 0) expect(actual).toEqual(expected);
}

/** By key, while there is room for every key; past that, no more keys than there is room for, and no event uncounted. */
function expectKeysAlike(check: Parameters<typeof expectAlike>[0]): void {
  const { kind, inputs, tileStartMs } = check;
  const [, , ...rest] = kind.id.split("/");
  const inner = rest
    .join("/")
    .split("+")
    .map((innerId) => kinds.find(({ id }) => id === innerId)!);
  const [actual, expected] = [check.actual, check.expected] as (Keyed | null)[];
  for (const keyed of [actual, expected]) {
    const entries = [...(keyed?.entries.values() ?? [])];
    expect(entries.length).toBeLessThanOrEqual(capacityOf(kind));
    const counted = entries.reduce((total, { count }) => total + count, keyed?.overflowed ?? 0);
    expect(counted).toBe(inputs.length);
  }
  if (new Set(inputs.map(({ key }) => key)).size > capacityOf(kind)) return;
  expect([...(actual?.entries.keys() ?? [])].sort()).toEqual([...(expected?.entries.keys() ?? [])].sort());
  for (const [key, { count, partials }] of actual?.entries ?? []) {
    expect(count).toBe(expected!.entries.get(key)!.count);
    const ofKey = inputs.filter((input) => input.key === key);
    for (const [i, kind] of inner.entries()) {
      const other = expected!.entries.get(key)!.partials[i];
      expectAlike({ kind, actual: partials[i], expected: other, inputs: ofKey, tileStartMs });
    }
  }
}

function capacityOf({ id }: ColumnKind): number {
  return Number(id.split("/")[1]);
}

/** A counter is never above the true count, and below it by at most what was missed: n / (capacity + 1) at most. */
function expectWithinError(
  sketch: FrequentValues | null,
  inputs: readonly ColumnInput[],
  capacity: number,
): void {
  const truth = new Map<Scalar, number>();
  for (const { value } of inputs) truth.set(value, (truth.get(value) ?? 0) + 1);
  const missed = sketch?.missed ?? 0;
  expect(missed).toBeLessThanOrEqual(inputs.length / (capacity + 1));
  expect(sketch?.counts.size ?? 0).toBeLessThanOrEqual(capacity);
  for (const [value, count] of truth) {
    const counted = sketch?.counts.get(value) ?? 0;
    expect(counted).toBeLessThanOrEqual(count);
    expect(counted).toBeGreaterThanOrEqual(count - missed);
  }
}

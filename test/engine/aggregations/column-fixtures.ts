import fc from "fast-check";
import type { AggregationCall, AggregationName } from "../../../lib/define/aggregation-call.ts";
import type { ColumnInput, ColumnKind, ColumnRequest } from "../../../lib/engine/aggregations/column-kind.ts";
import { aggregations } from "../../../lib/engine/aggregations/registry.ts";
import { ByteReader } from "../../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../../lib/engine/codec/byte-writer.ts";
import { compileValue, compileWhere } from "../../../lib/engine/expression.ts";
import type { OracleEvent } from "../../oracles/aggregate.ts";

const value = { kind: "field", field: "value" } as const;
const web = { kind: "match", conditions: { channel: "web" } } as const;

/** Calls of every aggregation, with and without what each may take. */
export const calls: Readonly<Record<AggregationName, readonly Omit<AggregationCall, "name">[]>> = {
  count: [
    { value: null, where: null, parameters: {} },
    { value: null, where: web, parameters: {} },
    { value, where: web, parameters: {} },
  ],
  sum: [{ value, where: web, parameters: {} }],
  mean: [{ value, where: null, parameters: {} }],
  min: [{ value, where: null, parameters: {} }],
  max: [{ value, where: web, parameters: {} }],
  last: [{ value, where: web, parameters: {} }],
  share: [
    { value: null, where: web, parameters: {} },
    { value, where: web, parameters: {} },
  ],
  approxDistinct: [{ value, where: null, parameters: {} }],
  approxPercentile: [
    { value, where: null, parameters: { p: 0 } },
    { value, where: null, parameters: { p: 0.5 } },
    { value, where: web, parameters: { p: 0.9 } },
    { value, where: null, parameters: { p: 1 } },
  ],
};

export const allCalls: readonly AggregationCall[] = Object.entries(calls).flatMap(([name, variants]) =>
  variants.map((variant) => ({ ...variant, name: name as AggregationName })),
);

/** Every kind of column that an aggregation asks for, once. */
export const kinds: readonly ColumnKind[] = [
  ...new Map(
    allCalls
      .flatMap((call) => aggregations[call.name].columns(call))
      .map(({ kind }) => [kind.id, kind as ColumnKind]),
  ).values(),
];

const numbers = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.integer({ min: -100_000, max: 100_000 }).map((hundredths) => hundredths / 100),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(0, -0, 1, 2, 3),
);
const texts = fc.string({ unit: "grapheme", maxLength: 12 });

/** Identities collide often, so that ties reach their last rule. */
const identity = fc.record({
  identityHigh: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
  identityLow: fc.constantFrom(0, 1, 0x80000000, 0xffffffff),
});

export interface DrawnEvent extends OracleEvent {
  readonly identityHigh: number;
  readonly identityLow: number;
}

/** Events in the order they are folded: out of order in time, tied, of any type of value. */
export const drawnEvents: fc.Arbitrary<DrawnEvent[]> = fc.array(
  fc
    .record({
      eventTimeMs: fc.integer({ min: -50, max: 250 }),
      channel: fc.constantFrom("web", "web", "atm", null),
      value: fc.oneof(
        { weight: 6, arbitrary: numbers },
        { weight: 2, arbitrary: texts },
        { weight: 2, arbitrary: fc.constantFrom(true, false, null, undefined) },
        { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, {}) },
      ),
      identity,
    })
    .map(
      ({ eventTimeMs, channel, value, identity }): DrawnEvent => ({
        ...identity,
        eventTimeMs,
        row: { channel, value },
        identity: (BigInt(identity.identityHigh) << 32n) | BigInt(identity.identityLow),
      }),
    ),
  { maxLength: 60 },
);

/** What a column of this kind may be given: values as the engine lets them through. */
export function drawnInputs(kind: ColumnKind, maxLength = 40): fc.Arbitrary<ColumnInput[]> {
  const scalars =
    kind.accepts === "number" ? numbers.map((number) => number + 0) : fc.oneof(numbers, texts, fc.boolean());
  return fc.array(
    fc
      .record({ value: scalars, eventTimeMs: fc.integer({ min: -50, max: 250 }), identity })
      .map(({ value, eventTimeMs, identity }) => ({ value, eventTimeMs, ...identity })),
    { maxLength },
  );
}

/** The column's inputs from raw events, filtered and evaluated as the engine does. */
export function inputsOf(
  { kind, value, where }: ColumnRequest,
  events: readonly DrawnEvent[],
): ColumnInput[] {
  const matches = where === null ? () => true : compileWhere(where);
  const take = value === null ? () => 0 : compileValue(value, kind.accepts);
  return events.flatMap(({ row, eventTimeMs, identityHigh, identityLow }) => {
    const taken = matches(row) ? take(row) : null;
    return taken === null ? [] : [{ value: taken, eventTimeMs, identityHigh, identityLow }];
  });
}

export function addAll<P>(kind: ColumnKind<P>, partial: P, inputs: readonly ColumnInput[]): P {
  return inputs.reduce((grown, input) => kind.add(grown, input), partial);
}

export function partialOf<P>(kind: ColumnKind<P>, inputs: readonly ColumnInput[]): P {
  return addAll(kind, kind.zero(), inputs);
}

export function bytesOf<P>(kind: ColumnKind<P>, partial: P, tileStartMs = 0): Uint8Array {
  const writer = new ByteWriter(1);
  kind.encode(writer, partial, tileStartMs);
  return writer.toBytes();
}

/** Through bytes and back, which must all be read. */
export function roundTrip<P>(kind: ColumnKind<P>, partial: P, tileStartMs = 0): P {
  const bytes = bytesOf(kind, partial, tileStartMs);
  const reader = new ByteReader(bytes);
  const decoded = kind.decode(reader, tileStartMs);
  if (reader.offset !== bytes.length)
    throw new Error(`${kind.id}: ${bytes.length - reader.offset} bytes left`);
  return decoded;
}

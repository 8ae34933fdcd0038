import fc from "fast-check";
import type {
  AggregationCall,
  AggregationName,
  AggregationParameters,
} from "../../../lib/define/aggregation-call.ts";
import { AGGREGATION_TRAITS } from "../../../lib/define/aggregation-traits.ts";
import type { Scalar, Where } from "../../../lib/define/where.ts";
import type {
  Aggregation,
  ColumnInput,
  ColumnKind,
  ColumnRequest,
} from "../../../lib/engine/aggregations/column-kind.ts";
import { keyedAggregation } from "../../../lib/engine/aggregations/keyed.ts";
import { aggregations } from "../../../lib/engine/aggregations/registry.ts";
import { ByteReader } from "../../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../../lib/engine/codec/byte-writer.ts";
import { FieldValues } from "../../../lib/engine/decode/field-values.ts";
import { compileKey, compileNumber, compileScalar, compileWhere } from "../../../lib/engine/expression.ts";
import { hashScalar } from "../../../lib/engine/hash.ts";
import type { OracleEvent } from "../../oracles/aggregate.ts";

const value = { kind: "field", field: "value" } as const;
const web = { kind: "match", conditions: { channel: "web" } } as const;

/** How many random cases a property runs; `npm run test:aggregations` sets 100,000. */
export const CASES = Number(process.env.FRESHET_CASES ?? 1_000);

const of = (parameters: AggregationParameters = {}, where: Where | null = null) => ({
  value,
  where,
  parameters,
});
const ofEvents = (parameters: AggregationParameters = {}, where: Where | null = null) => ({
  value: null,
  where,
  parameters,
});

/** Calls of every aggregation, with and without what each may take. */
export const calls: Readonly<Record<AggregationName, readonly Omit<AggregationCall, "name">[]>> = {
  count: [ofEvents(), ofEvents({}, web), of({}, web)],
  sum: [of({}, web)],
  mean: [of()],
  min: [of()],
  max: [of({}, web)],
  variance: [of(), of({}, web)],
  stddev: [of()],
  skew: [of(), of({}, web)],
  kurtosis: [of(), of({}, web)],
  first: [of(), of({}, web)],
  last: [of({}, web)],
  firstK: [of({ k: 1 }), of({ k: 4 }, web)],
  lastK: [of({ k: 1 }), of({ k: 4 }, web)],
  topK: [of({ k: 1 }), of({ k: 5 }, web)],
  bottomK: [of({ k: 3 })],
  share: [ofEvents({}, web), of({}, web)],
  rate: [ofEvents({ perMs: 1_000 }), ofEvents({ perMs: 60_000 }, web)],
  timeSinceLast: [ofEvents(), ofEvents({}, web)],
  distinct: [of({ max: 1 }), of({ max: 4 }, web), of({ max: 128 })],
  approxDistinct: [of()],
  approxPercentile: [of({ p: 0 }), of({ p: 0.5 }), of({ p: 0.9 }, web), of({ p: 1 })],
  // Room for all values, for some, and for one.
  approxTopK: [of({ k: 5, capacity: 64 }), of({ k: 3, capacity: 4 }, web), of({ k: 1, capacity: 1 })],
  histogram: [of({ edges: [0] }), of({ edges: [-100, -0.5, 0, 2, 1e5] }, web)],
  expDecaySum: [of({ halfLifeMs: 1 }), of({ halfLifeMs: 90 }, web), of({ halfLifeMs: 86_400_000 })],
  expDecayCount: [ofEvents({ halfLifeMs: 7 }), ofEvents({ halfLifeMs: 3_600_000 }, web)],
};

/** Calls by the key of a shop, of which there are six: room for all, and for few. */
const keyedCalls: readonly AggregationCall[] = Object.entries(calls).flatMap(([name, [variant]]) => {
  const { answers } = AGGREGATION_TRAITS[name as AggregationName];
  if ((answers !== "number" && answers !== "value") || name === "share") return [];
  const roomy = { ...variant!, name: name as AggregationName, by: { field: "shop", maxKeys: 6 } };
  const isCount = name === "count" || name === "mean";
  return isCount ? [roomy, { ...roomy, by: { field: "shop", maxKeys: 2 } }] : [roomy];
});

export const allCalls: readonly AggregationCall[] = [
  ...Object.entries(calls).flatMap(([name, variants]) =>
    variants.map((variant) => ({ ...variant, name: name as AggregationName })),
  ),
  ...keyedCalls,
];

/** The engine's aggregation for a call. */
export function aggregationOf({ name, by }: AggregationCall): Aggregation {
  return by === undefined ? aggregations[name] : keyedAggregation(aggregations[name], by);
}

/** Every kind of column that an aggregation asks for, once; by key, those of different ways to merge. */
export const kinds: readonly ColumnKind[] = [
  ...new Map(
    allCalls
      .flatMap((call) => aggregationOf(call).columns(call, { kind: "lifetime" }))
      .map(({ kind }) => [kind.id, kind as ColumnKind]),
  ).values(),
].filter(({ id }) => !/^keyed\/.*\/(first|min|max|time|moments\/[34]|decayed\/sum|distinct)/.test(id));

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
      shop: fc.constantFrom("a", "a", "b", "toString", "é", 1.5, true, null, undefined),
      value: fc.oneof(
        { weight: 6, arbitrary: numbers },
        { weight: 2, arbitrary: texts },
        { weight: 2, arbitrary: fc.constantFrom(true, false, null, undefined) },
        { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, {}) },
      ),
      identity,
    })
    .map(
      ({ eventTimeMs, channel, shop, value, identity }): DrawnEvent => ({
        ...identity,
        eventTimeMs,
        row: { channel, shop, value },
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
      .record({
        value: scalars,
        eventTimeMs: fc.integer({ min: -50, max: 250 }),
        identity,
        key: fc.constantFrom("", "a", "b", "b", "constructor", "é"),
      })
      .map(({ identity, ...rest }) => ({ ...rest, ...identity })),
    { maxLength },
  );
}

/** The column's inputs from raw events, filtered and evaluated as the engine does. */
export function inputsOf(
  { kind, value, where, by }: ColumnRequest,
  events: readonly DrawnEvent[],
): ColumnInput[] {
  const values = new FieldValues([...new Set(events.flatMap(({ row }) => Object.keys(row)))]);
  const matches = where === null ? () => true : compileWhere(where, values.names);
  const take = takerOf(value, kind.accepts, values.names);
  const keyOf = by === undefined ? () => "" : compileKey(by, values.names);
  return events.flatMap(({ row, eventTimeMs, identityHigh, identityLow }) => {
    values.take(row);
    const taken = matches(values) ? take(values) : null;
    const key = keyOf(values);
    if (taken === null || key === null) return [];
    return [{ value: taken, eventTimeMs, identityHigh, identityLow, key }];
  });
}

/** The value that a column of this kind takes; null for an event that it skips. */
function takerOf(
  value: ColumnRequest["value"],
  accepts: ColumnKind["accepts"],
  names: readonly string[],
): (values: FieldValues) => Scalar | null {
  if (value === null) return () => 0;
  if (accepts !== "number") return compileScalar(value, names);
  const put = compileNumber(value, names);
  const into = new Float64Array(1);
  return (values) => {
    put(values, into, 0);
    return Number.isNaN(into[0]) ? null : into[0]!;
  };
}

export function addAll<P>(kind: ColumnKind<P>, partial: P, inputs: readonly ColumnInput[]): P {
  return inputs.reduce((grown, input) => addOne(kind, grown, input), partial);
}

/** Adds a raw value, digested as the engine does before a fold. */
export function addOne<P>(kind: ColumnKind<P>, partial: P, input: ColumnInput): P {
  return kind.add(
    partial,
    kind.digest === undefined ? input : { ...input, value: digested(kind.digest, input.value) },
  );
}

function digested(digest: NonNullable<ColumnKind["digest"]>, value: Scalar): number {
  const hash = { high: 0, low: 0 };
  hashScalar(value, hash);
  return digest(hash);
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

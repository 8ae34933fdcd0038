import type { AggregationCall } from "../../define/aggregation-call.ts";
import type { FeatureScalar, ValuesByKey } from "../../define/types.ts";
import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { MAX_TEXT_BYTES } from "./stored-value.ts";

/** What a key has: how many events, and a partial of each kind. */
interface KeyEntry {
  count: number;
  readonly partials: unknown[];
}

/** Partials by key, and how many events came under keys for which there was no room. */
export interface Keyed {
  readonly entries: Map<string, KeyEntry>;
  overflowed: number;
}

/** A key's length, its text and its count. */
const MAX_KEY_BYTES = 2 + MAX_TEXT_BYTES + 8;

/**
 * A column that keeps partials of other kinds, fed alike, for each of at most `maxKeys` keys. A tile keeps the keys that
 * come first; where tiles with other keys merge, those with the most events stay, of equals the lesser text: both are
 * functions of the sequence of events alone.
 */
export function keyedKind(
  kinds: readonly [ColumnKind, ...ColumnKind[]],
  maxKeys: number,
): ColumnKind<Keyed | null> {
  const [{ accepts, digest }] = kinds;
  const maxBytes = sum(kinds.map((kind) => kind.maxBytes));
  const growth = sum(kinds.map((kind) => kind.maxGrowthBytes ?? kind.maxBytes));
  const everyPartialOfWriter = (partial: Keyed | null, rank: number) => {
    for (const { partials } of partial?.entries.values() ?? []) {
      for (const [i, { ofWriter }] of kinds.entries()) {
        if (ofWriter !== undefined) partials[i] = ofWriter(partials[i], rank);
      }
    }
    return partial;
  };
  const newEntry = (): KeyEntry => ({ count: 0, partials: kinds.map((kind) => kind.zero()) });
  return {
    id: `keyed/${maxKeys}/${kinds.map(({ id }) => id).join("+")}`,
    accepts,
    maxBytes: 2 + 8 + maxKeys * (MAX_KEY_BYTES + maxBytes),
    // A key more, or a longer number of those that overflowed; and what ageing lengthens every key's partials by.
    maxGrowthBytes: 9 + MAX_KEY_BYTES + maxBytes + maxKeys * (1 + growth),
    ...(digest === undefined ? {} : { digest }),
    zero: () => null,
    add(partial, input) {
      const keyed = partial ?? { entries: new Map<string, KeyEntry>(), overflowed: 0 };
      let entry = keyed.entries.get(input.key!);
      if (entry === undefined) {
        if (keyed.entries.size === maxKeys) {
          keyed.overflowed++;
          return keyed;
        }
        entry = newEntry();
        keyed.entries.set(input.key!, entry);
      }
      entry.count++;
      for (const [i, kind] of kinds.entries()) entry.partials[i] = kind.add(entry.partials[i], input);
      return keyed;
    },
    merge(left, right) {
      if (right === null) return left;
      const keyed = left ?? { entries: new Map<string, KeyEntry>(), overflowed: 0 };
      keyed.overflowed += right.overflowed;
      for (const [key, { count, partials }] of right.entries) {
        const entry = keyed.entries.get(key) ?? newEntry();
        entry.count += count;
        for (const [i, kind] of kinds.entries()) {
          entry.partials[i] = kind.merge(entry.partials[i], partials[i]);
        }
        keyed.entries.set(key, entry);
      }
      dropLeast(keyed, maxKeys);
      return keyed;
    },
    ...(kinds.some(({ ofWriter }) => ofWriter !== undefined) ? { ofWriter: everyPartialOfWriter } : {}),
    encode(writer, partial, tileStartMs) {
      if (partial === null) {
        writer.varint(0);
        return;
      }
      writer.varint(1 + partial.entries.size);
      writer.varint(partial.overflowed);
      for (const [key, entry] of [...partial.entries].sort(byKey)) {
        writer.text(key);
        writer.varint(entry.count);
        for (const [i, kind] of kinds.entries()) kind.encode(writer, entry.partials[i], tileStartMs);
      }
    },
    decode(reader, tileStartMs) {
      const head = reader.varint();
      if (head > 1 + maxKeys) reader.refuse(`has ${head - 1} keys where ${maxKeys} is the most`);
      if (head === 0) return null;
      const overflowed = reader.varint();
      const entries = new Map<string, KeyEntry>();
      for (let index = 1; index < head; index++) {
        const key = reader.text();
        const count = reader.varint();
        entries.set(key, { count, partials: kinds.map((kind) => kind.decode(reader, tileStartMs)) });
      }
      return { entries, overflowed };
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** By code units, which every runtime compares alike. */
function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function dropLeast(keyed: Keyed, maxKeys: number): void {
  if (keyed.entries.size <= maxKeys) return;
  const ordered = [...keyed.entries].sort(
    (left, right) => right[1].count - left[1].count || byKey(left, right),
  );
  for (const [key, { count }] of ordered.slice(maxKeys)) {
    keyed.overflowed += count;
    keyed.entries.delete(key);
  }
}

/**
 * An aggregation for each key of a field. What it needs stands in one column, however many it needs without keys: columns
 * of their own may stand in other levels, and would keep other keys where there is no room for all.
 */
export function keyedAggregation(
  aggregation: Aggregation,
  { field, maxKeys }: NonNullable<AggregationCall["by"]>,
): Aggregation {
  const { name, accuracy } = aggregation;
  return {
    name,
    accuracy,
    columns(call, window) {
      const [first, ...rest] = aggregation.columns(call, window);
      const { kind, value, where } = first!;
      return [
        { kind: keyedKind([kind, ...rest.map((each) => each.kind)], maxKeys), value, where, by: field },
      ];
    },
    result([keyed]: readonly (Keyed | null)[], context): ValuesByKey {
      const values = [...(keyed?.entries ?? [])]
        .sort(byKey)
        .map(([key, { partials }]) => [key, aggregation.result(partials, context) as FeatureScalar] as const);
      return { values: Object.fromEntries(values), overflowed: keyed?.overflowed ?? 0 };
    },
  };
}

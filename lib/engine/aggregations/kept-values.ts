import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { ColumnInput, ColumnKind } from "./column-kind.ts";

/** How a column that keeps the best `k` of its values orders, makes and writes them. */
export interface KeptValues<T> {
  readonly id: string;
  readonly accepts: "number" | "scalar";
  readonly k: number;
  /** The most bytes that `write` takes. */
  readonly maxValueBytes: number;
  /** How much longer a value's bytes can get when its row ages into a coarser tile. */
  readonly maxAgingBytes: number;
  make(input: ColumnInput): T;
  /** Whether a value stands before one that came earlier. Of a tie, false keeps the earlier in front. */
  precedes(later: T, earlier: T): boolean;
  write(writer: ByteWriter, value: T, tileStartMs: number): void;
  read(reader: ByteReader, tileStartMs: number): T;
  /** As in {@link ColumnKind}, for one value. */
  readonly ofWriter?: (value: T, writerRank: number) => T;
}

/** A column of the best `k` values, best first; null before the first value. Values are never changed in place. */
export function keptValuesKind<T>(kept: KeptValues<T>): ColumnKind<T[] | null> {
  const { k, maxValueBytes, ofWriter } = kept;
  return {
    id: kept.id,
    accepts: kept.accepts,
    maxBytes: 1 + k * maxValueBytes,
    maxGrowthBytes: maxValueBytes + k * kept.maxAgingBytes,
    zero: () => null,
    add(partial, input) {
      const value = kept.make(input);
      if (partial === null) return [value];
      insert(kept, partial, value);
      return partial;
    },
    merge(left, right) {
      if (right === null) return left;
      if (left === null) return right.slice();
      return merged(kept, left, right);
    },
    ...(ofWriter === undefined
      ? {}
      : {
          ofWriter: (partial: T[] | null, rank: number) =>
            partial?.map((value) => ofWriter(value, rank)) ?? null,
        }),
    encode(writer, partial, tileStartMs) {
      writer.byte(partial === null ? 0 : partial.length);
      for (const value of partial ?? []) kept.write(writer, value, tileStartMs);
    },
    decode(reader, tileStartMs) {
      const length = reader.byte();
      if (length > k) reader.refuse(`keeps ${length} values where ${k} is the most`);
      if (length === 0) return null;
      return Array.from({ length }, () => kept.read(reader, tileStartMs));
    },
  };
}

function insert<T>({ k, precedes }: KeptValues<T>, values: T[], value: T): void {
  let place = values.length;
  while (place > 0 && precedes(value, values[place - 1]!)) place--;
  if (place === k) return;
  if (values.length < k) values.push(value);
  for (let i = values.length - 1; i > place; i--) values[i] = values[i - 1]!;
  values[place] = value;
}

/** Both sides are in order; the right one is the later. */
function merged<T>({ k, precedes }: KeptValues<T>, left: readonly T[], right: readonly T[]): T[] {
  const values: T[] = [];
  let l = 0;
  let r = 0;
  while (values.length < k && (l < left.length || r < right.length)) {
    const takesRight = r < right.length && (l === left.length || precedes(right[r]!, left[l]!));
    values.push(takesRight ? right[r++]! : left[l++]!);
  }
  return values;
}

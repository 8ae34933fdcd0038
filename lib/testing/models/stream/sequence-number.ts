/**
 * How the numbers of a child compare with its parents': Kinesis promises an order within a shard alone.
 * `above-parents` is what it has been seen to do.
 */
export type ChildNumbers = "above-parents" | "below-parents";

/** What a number is made of, from its first bits to its last: the layout that kinesalite has found out. */
interface NumberParts {
  /** Seconds since the epoch, or an earlier or later moment that puts the shard's numbers where they belong. */
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
  /** Rises with every record of the shard. */
  readonly recordIndex: bigint;
  readonly arrivedSeconds: number;
}

/** The record index of a closed shard's ending number: no record's is as high. */
export const ENDING_INDEX = 0x7fff_ffff_ffff_ffffn;

const LEADING = 2n << 184n;
const VERSION = 2n;

/** @throws RangeError for a shard from before 1970. */
export function sequenceNumber(parts: NumberParts): bigint {
  if (parts.shardCreatedSeconds < 0)
    throw new RangeError("a shard's numbers need a clock that shows 1970 or later.");
  const shardIndex = BigInt(parts.shardIndex);
  return (
    LEADING |
    (BigInt(parts.shardCreatedSeconds) << 148n) |
    ((shardIndex & 0xfn) << 144n) |
    (parts.recordIndex << 80n) |
    (BigInt(parts.arrivedSeconds) << 36n) |
    (shardIndex << 4n) |
    VERSION
  );
}

/** Whether a number may be one of a shard's: the parts that name the shard are its own. */
export function belongsTo(
  number: bigint,
  shard: { readonly index: number; readonly createdSeconds: number },
): boolean {
  return (
    ((number >> 4n) & 0xffff_ffffn) === BigInt(shard.index) &&
    (number >> 148n) - (LEADING >> 148n) === BigInt(shard.createdSeconds) &&
    (number & 0xfn) === VERSION
  );
}

import type { Scalar } from "../../define/where.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { ColumnInput } from "./column-kind.ts";
import { MAX_TEXT_BYTES, readValue, storable, tagOf, writeValue } from "./stored-value.ts";

/** Where a value stands in the order of R6: by event time, by the hash of the event's identity, then by its writer. */
export interface Place {
  readonly eventTimeMs: number;
  readonly identityHigh: number;
  readonly identityLow: number;
  /** The rank of its writer among those that are read together; it is not stored. @default 0 */
  readonly writerRank?: number;
}

/** A value with its place among others. */
export interface TimedValue extends Place {
  readonly value: Scalar;
}

/** The most bytes that {@link writeTimedValue} writes: tag, time, hash, length, text. */
export const MAX_TIMED_VALUE_BYTES = 1 + 9 + 8 + 2 + MAX_TEXT_BYTES;

export function comesBefore(left: Place, right: Place): boolean {
  if (left.eventTimeMs !== right.eventTimeMs) return left.eventTimeMs < right.eventTimeMs;
  if (left.identityHigh !== right.identityHigh) return left.identityHigh < right.identityHigh;
  if (left.identityLow !== right.identityLow) return left.identityLow < right.identityLow;
  return (left.writerRank ?? 0) < (right.writerRank ?? 0);
}

/** The value as one of a writer's: what {@link comesBefore} looks at last. */
export function writtenBy(timed: TimedValue, writerRank: number): TimedValue {
  return { ...timed, writerRank };
}

export function timedValue({ value, eventTimeMs, identityHigh, identityLow }: ColumnInput): TimedValue {
  return { value: storable(value), eventTimeMs, identityHigh, identityLow };
}

export function writeTimedValue(writer: ByteWriter, timed: TimedValue, tileStartMs: number): void {
  writer.byte(tagOf(timed.value));
  writer.number(timed.eventTimeMs - tileStartMs);
  writer.uint32(timed.identityHigh);
  writer.uint32(timed.identityLow);
  writeValue(writer, timed.value);
}

/** Reads what follows the tag. */
export function readTimedValue(reader: ByteReader, tag: number, tileStartMs: number): TimedValue {
  const eventTimeMs = tileStartMs + reader.number();
  const identityHigh = reader.uint32();
  const identityLow = reader.uint32();
  return { value: readValue(reader, tag), eventTimeMs, identityHigh, identityLow };
}

import type { Scalar } from "../../define/where.ts";
import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

/** A longer text is cut to this many bytes of UTF-8, at a character's edge: a tile's size must have a bound (R15). */
export const MAX_TEXT_BYTES = 256;

const NONE = 0;
const NUMBER = 1;
const TEXT = 2;
const FALSE = 3;
const TRUE = 4;

/** Where a value stands in the order of R6: event time, identity hash, then the later one. */
interface Place {
  eventTimeMs: number;
  identityHigh: number;
  identityLow: number;
}

interface LastValue extends Place {
  value: Scalar;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const utf8 = new Uint8Array(MAX_TEXT_BYTES);

function comesBefore(left: Place, right: Place): boolean {
  if (left.eventTimeMs !== right.eventTimeMs) return left.eventTimeMs < right.eventTimeMs;
  if (left.identityHigh !== right.identityHigh) return left.identityHigh < right.identityHigh;
  return left.identityLow < right.identityLow;
}

/** The value as it is after a round trip through bytes, so that a fold need not know which it holds. */
function storable(value: Scalar): Scalar {
  if (typeof value === "number") return value + 0;
  if (typeof value === "boolean") return value;
  const { read, written } = encoder.encodeInto(value, utf8);
  const isAsciiThatFits = read === value.length && written === value.length;
  return isAsciiThatFits ? value : decoder.decode(utf8.subarray(0, written));
}

const lastKind: ColumnKind<LastValue | null> = {
  id: "last",
  accepts: "scalar",
  // Tag, time, hash, length, text.
  maxBytes: 1 + 9 + 8 + 2 + MAX_TEXT_BYTES,
  zero: () => null,
  add(partial, input) {
    const { eventTimeMs, identityHigh, identityLow } = input;
    if (partial === null) return { value: storable(input.value), eventTimeMs, identityHigh, identityLow };
    if (comesBefore(input, partial)) return partial;
    partial.value = storable(input.value);
    partial.eventTimeMs = eventTimeMs;
    partial.identityHigh = identityHigh;
    partial.identityLow = identityLow;
    return partial;
  },
  merge(left, right) {
    if (right === null) return left;
    // A copy: later adds change the left side in place.
    return left !== null && comesBefore(right, left) ? left : { ...right };
  },
  encode(writer, partial, tileStartMs) {
    if (partial === null) {
      writer.byte(NONE);
      return;
    }
    const { value } = partial;
    writer.byte(typeof value === "number" ? NUMBER : typeof value === "string" ? TEXT : value ? TRUE : FALSE);
    writer.number(partial.eventTimeMs - tileStartMs);
    writer.uint32(partial.identityHigh);
    writer.uint32(partial.identityLow);
    if (typeof value === "number") writer.number(value);
    else if (typeof value === "string") writer.text(value);
  },
  decode(reader, tileStartMs) {
    const tag = reader.byte();
    if (tag === NONE) return null;
    const eventTimeMs = tileStartMs + reader.number();
    const identityHigh = reader.uint32();
    const identityLow = reader.uint32();
    const value = tag === NUMBER ? reader.number() : tag === TEXT ? reader.text() : tag === TRUE;
    return { value, eventTimeMs, identityHigh, identityLow };
  },
};

/**
 * The value of the latest event that has one, by event time; ties go to the greater hash of the event's identity (R6).
 * Null when there are none. A text is kept to its first 256 bytes.
 */
export const last: Aggregation = {
  name: "last",
  columns: (call) => [{ kind: lastKind, value: requiredValue(call), where: call.where }],
  result: ([latest]: readonly (LastValue | null)[]) => latest?.value ?? null,
};

import { exp2Fraction, halved } from "../exponential.ts";
import type { ColumnInput, ColumnKind } from "./column-kind.ts";

/**
 * A sum of values that halve with every half-life. The sum is as of the newest event's time rounded down to a whole
 * half-life: moving it on is a division by a power of two, which rounds nothing.
 */
export interface DecayedSum {
  newestMs: number;
  sum: number;
  /** Whether `sum` is 2^64 times what it says: set only where a double does not reach so far. */
  isLarge: boolean;
}

/** What a large sum is divided by, and how often that is halved: 2^53 of the largest terms come to less than a double. */
const LARGE = 4_294_967_296 * 4_294_967_296;
const LARGE_HALVINGS = 64;

/** How far a time is past a whole number of half-lives since the epoch. */
function pastHalfLife(timeMs: number, halfLifeMs: number): number {
  const rest = timeMs % halfLifeMs;
  return rest < 0 ? rest + halfLifeMs : rest;
}

/** The whole half-lives between the references of two times, the later one first. */
function halfLivesBetween(laterMs: number, earlierMs: number, halfLifeMs: number): number {
  const later = laterMs - pastHalfLife(laterMs, halfLifeMs);
  return (later - (earlierMs - pastHalfLife(earlierMs, halfLifeMs))) / halfLifeMs;
}

/** The column of a decayed sum: of what `weigh` makes of an event. */
export function decayedSumKind(options: {
  readonly id: string;
  readonly accepts: "nothing" | "number";
  readonly halfLifeMs: number;
  weigh(input: ColumnInput): number;
}): ColumnKind<DecayedSum | null> {
  const { id, accepts, halfLifeMs, weigh } = options;
  return {
    id,
    accepts,
    maxBytes: 18,
    zero: () => null,
    add(partial, input) {
      const { eventTimeMs } = input;
      const value = weigh(input);
      const power = exp2Fraction(pastHalfLife(eventTimeMs, halfLifeMs) / halfLifeMs);
      const term = value * power;
      const isLarge = !Number.isFinite(term);
      const sum = isLarge ? (value / LARGE) * power : term + 0;
      if (partial === null) return { newestMs: eventTimeMs, sum, isLarge };
      include(partial, { newestMs: eventTimeMs, sum, isLarge }, halfLifeMs);
      return partial;
    },
    merge(left, right) {
      if (right === null) return left;
      if (left === null) return { ...right };
      include(left, right, halfLifeMs);
      return left;
    },
    encode(writer, partial, tileStartMs) {
      if (partial === null) {
        writer.optionalNumber(null);
        return;
      }
      // Times are whole: half a millisecond more is free to say that the sum is large.
      writer.number(partial.newestMs - tileStartMs + (partial.isLarge ? 0.5 : 0));
      writer.number(partial.sum);
    },
    decode(reader, tileStartMs) {
      const offsetMs = reader.optionalNumber();
      if (offsetMs === null) return null;
      const wholeMs = Math.floor(offsetMs);
      return { newestMs: tileStartMs + wholeMs, sum: reader.number(), isLarge: offsetMs !== wholeMs };
    },
  };
}

/** Adds a sum, each of the two as of the reference of its time. */
function include(partial: DecayedSum, added: Readonly<DecayedSum>, halfLifeMs: number): void {
  const newestMs = Math.max(partial.newestMs, added.newestMs);
  const left = movedTo(partial, newestMs, halfLifeMs);
  const right = movedTo(added, newestMs, halfLifeMs);
  partial.newestMs = newestMs;
  if (!left.isLarge && !right.isLarge) {
    partial.sum = left.sum + right.sum + 0;
    partial.isLarge = false;
    if (Number.isFinite(partial.sum)) return;
  }
  const divided = dividedSum(left) + dividedSum(right) + 0;
  const sum = divided * LARGE;
  partial.isLarge = !Number.isFinite(sum);
  partial.sum = partial.isLarge ? divided : sum;
}

/** A sum as of the reference of a later time. */
function movedTo(
  { newestMs, sum, isLarge }: Readonly<DecayedSum>,
  timeMs: number,
  halfLifeMs: number,
): Pick<DecayedSum, "sum" | "isLarge"> {
  const halvings = halfLivesBetween(timeMs, newestMs, halfLifeMs);
  if (!isLarge || halvings < LARGE_HALVINGS) return { sum: halved(sum, halvings), isLarge };
  return { sum: halved(sum, halvings - LARGE_HALVINGS), isLarge: false };
}

function dividedSum({ sum, isLarge }: Pick<DecayedSum, "sum" | "isLarge">): number {
  return isLarge ? sum : sum / LARGE;
}

/** The sum as of a time; as of the newest event where that is later, so that nothing ever counts more than once. */
export function decayedTo(partial: DecayedSum, asOfMs: number, halfLifeMs: number): number {
  const timeMs = Math.max(asOfMs, partial.newestMs);
  const { sum, isLarge } = movedTo(partial, timeMs, halfLifeMs);
  const value = sum / exp2Fraction(pastHalfLife(timeMs, halfLifeMs) / halfLifeMs);
  return (isLarge ? value * LARGE : value) + 0;
}

import { exp2Fraction, halved } from "../exponential.ts";
import type { ColumnInput, ColumnKind } from "./column-kind.ts";

/**
 * A sum of values that halve with every half-life. The sum is as of the newest event's time rounded down to a whole
 * half-life: moving it on is a division by a power of two, which rounds nothing.
 */
export interface DecayedSum {
  newestMs: number;
  sum: number;
}

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
      const term = weigh(input) * exp2Fraction(pastHalfLife(eventTimeMs, halfLifeMs) / halfLifeMs);
      if (partial === null) return { newestMs: eventTimeMs, sum: term + 0 };
      include(partial, eventTimeMs, term, halfLifeMs);
      return partial;
    },
    merge(left, right) {
      if (right === null) return left;
      if (left === null) return { ...right };
      include(left, right.newestMs, right.sum, halfLifeMs);
      return left;
    },
    encode(writer, partial, tileStartMs) {
      if (partial === null) {
        writer.optionalNumber(null);
        return;
      }
      writer.number(partial.newestMs - tileStartMs);
      writer.number(partial.sum);
    },
    decode(reader, tileStartMs) {
      const offsetMs = reader.optionalNumber();
      return offsetMs === null ? null : { newestMs: tileStartMs + offsetMs, sum: reader.number() };
    },
  };
}

/** Adds a term that is as of the reference of its time. */
function include(partial: DecayedSum, timeMs: number, term: number, halfLifeMs: number): void {
  const { newestMs, sum } = partial;
  if (timeMs > newestMs) {
    partial.newestMs = timeMs;
    partial.sum = halved(sum, halfLivesBetween(timeMs, newestMs, halfLifeMs)) + term + 0;
  } else partial.sum = sum + halved(term, halfLivesBetween(newestMs, timeMs, halfLifeMs)) + 0;
}

/** The sum as of a time; as of the newest event where that is later, so that nothing ever counts more than once. */
export function decayedTo(partial: DecayedSum, asOfMs: number, halfLifeMs: number): number {
  const timeMs = Math.max(asOfMs, partial.newestMs);
  const halvings = halfLivesBetween(timeMs, partial.newestMs, halfLifeMs);
  return halved(partial.sum, halvings) / exp2Fraction(pastHalfLife(timeMs, halfLifeMs) / halfLifeMs) + 0;
}

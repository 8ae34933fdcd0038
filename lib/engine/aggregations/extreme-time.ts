import type { ColumnKind } from "./column-kind.ts";

/** The column of the event time of the earliest or latest event, epoch milliseconds; null before the first. */
function extremeTimeKind(
  id: string,
  pick: (left: number, right: number) => number,
): ColumnKind<number | null> {
  return {
    id,
    accepts: "nothing",
    maxBytes: 9,
    zero: () => null,
    add: (partial, { eventTimeMs }) => (partial === null ? eventTimeMs : pick(partial, eventTimeMs)),
    merge(left, right) {
      if (left === null) return right;
      return right === null ? left : pick(left, right);
    },
    encode: (writer, partial, tileStartMs) =>
      writer.optionalNumber(partial === null ? null : partial - tileStartMs),
    decode(reader, tileStartMs) {
      const offsetMs = reader.optionalNumber();
      return offsetMs === null ? null : tileStartMs + offsetMs;
    },
  };
}

export const earliestTime = extremeTimeKind("time/earliest", Math.min);
export const latestTime = extremeTimeKind("time/latest", Math.max);

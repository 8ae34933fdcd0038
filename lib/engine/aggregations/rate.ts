import type { Aggregation } from "./column-kind.ts";
import { countColumn } from "./count.ts";
import { earliestTime } from "./extreme-time.ts";
import { requiredParameter } from "./required-parameter.ts";

/**
 * Events for each `perMs` of the time that the window covers: from its first tile to the as-of time, or to its end
 * where that came before; of a lifetime, from the first event. Null when there are none, or no time has passed.
 */
export const rate: Aggregation = {
  name: "rate",
  accuracy: "exact",
  columns: (call, window) => {
    requiredParameter(call, "perMs");
    const events = countColumn(null, call.where);
    if (window.kind !== "lifetime") return [events];
    return [events, { kind: earliestTime, value: null, where: call.where }];
  },
  result: ([events, firstMs]: readonly (number | null | undefined)[], { parameters, startMs, endMs }) => {
    const coveredMs = endMs - (startMs ?? firstMs ?? endMs);
    return events === 0 || coveredMs <= 0 ? null : events! / (coveredMs / parameters.perMs!);
  },
};

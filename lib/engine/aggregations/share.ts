import type { Aggregation } from "./column-kind.ts";
import { countColumn } from "./count.ts";

/**
 * The share of events that meet the filter, 0 to 1; of the events that have a value, when one is given.
 * Null when there are no events: an empty window has no share.
 */
export const share: Aggregation = {
  name: "share",
  accuracy: "exact",
  columns: ({ value, where }) => [countColumn(value, where), countColumn(value, null)],
  result: ([matching, all]: readonly number[]) => (all === 0 ? null : matching! / all!),
};

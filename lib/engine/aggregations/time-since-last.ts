import type { Aggregation } from "./column-kind.ts";
import { latestTime } from "./extreme-time.ts";

/**
 * Seconds from the latest event to the as-of time, to the millisecond; 0 for an event that is ahead of it. Null when
 * there are none.
 */
export const timeSinceLast: Aggregation = {
  name: "timeSinceLast",
  accuracy: "exact",
  columns: ({ where }) => [{ kind: latestTime, value: null, where }],
  result: ([newestMs]: readonly (number | null)[], { asOfMs }) =>
    newestMs === null || newestMs === undefined ? null : Math.max(0, asOfMs - newestMs) / 1_000,
};

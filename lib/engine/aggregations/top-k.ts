import type { Aggregation } from "./column-kind.ts";
import { extremeListKind } from "./extreme-list.ts";
import { requiredParameter } from "./required-parameter.ts";
import { requiredValue } from "./required-value.ts";

/** The `k` greatest values, greatest first; a value that came twice stands twice. Null when there are none. */
export const topK: Aggregation = {
  name: "topK",
  accuracy: "exact",
  columns: (call) => [
    {
      kind: extremeListKind("top", requiredParameter(call, "k")),
      value: requiredValue(call),
      where: call.where,
    },
  ],
  result: ([values]: readonly (readonly number[] | null)[]) => values?.slice() ?? null,
};

import type { Aggregation } from "./column-kind.ts";
import { requiredParameter } from "./required-parameter.ts";
import { requiredValue } from "./required-value.ts";
import { timedListKind, valuesOf } from "./timed-list.ts";

/** The values of the `k` earliest events that have one, earliest first; ties as for `first`. Null when there are none. */
export const firstK: Aggregation = {
  name: "firstK",
  accuracy: "exact",
  columns: (call) => [
    {
      kind: timedListKind("first", requiredParameter(call, "k")),
      value: requiredValue(call),
      where: call.where,
    },
  ],
  result: valuesOf,
};

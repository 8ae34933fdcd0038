import type { Aggregation } from "./column-kind.ts";
import { requiredParameter } from "./required-parameter.ts";
import { requiredValue } from "./required-value.ts";
import { timedListKind, valuesOf } from "./timed-list.ts";

/** The values of the `k` latest events that have one, latest first; ties as for `last`. Null when there are none. */
export const lastK: Aggregation = {
  name: "lastK",
  accuracy: "exact",
  columns: (call) => [
    {
      kind: timedListKind("last", requiredParameter(call, "k")),
      value: requiredValue(call),
      where: call.where,
    },
  ],
  result: valuesOf,
};

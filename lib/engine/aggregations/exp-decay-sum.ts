import type { Aggregation } from "./column-kind.ts";
import { type DecayedSum, decayedSumKind, decayedTo } from "./decayed-sum.ts";
import { finiteOrNull } from "./moments.ts";
import { requiredParameter } from "./required-parameter.ts";
import { requiredValue } from "./required-value.ts";

/**
 * The sum of the values, each halved with every `halfLifeMs` between its event and the as-of time; between it and the
 * window's newest event where that is ahead. Null when there are none, or when the sum leaves the range of a double.
 */
export const expDecaySum: Aggregation = {
  name: "expDecaySum",
  accuracy: "rounding: at most (n + 6) 2^-52 of the sum of the decayed magnitudes of n values",
  columns: (call) => {
    const halfLifeMs = requiredParameter(call, "halfLifeMs");
    const kind = decayedSumKind({
      id: `decayed/sum/${halfLifeMs}`,
      accepts: "number",
      halfLifeMs,
      weigh: ({ value }) => value as number,
    });
    return [{ kind, value: requiredValue(call), where: call.where }];
  },
  result: ([decayed]: readonly (DecayedSum | null)[], { parameters, asOfMs }) =>
    decayed === null || decayed === undefined
      ? null
      : finiteOrNull(decayedTo(decayed, asOfMs, parameters.halfLifeMs!)),
};

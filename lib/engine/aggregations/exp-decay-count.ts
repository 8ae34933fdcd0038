import type { Aggregation } from "./column-kind.ts";
import { type DecayedSum, decayedSumKind, decayedTo } from "./decayed-sum.ts";
import { requiredParameter } from "./required-parameter.ts";

/**
 * How many events there are, each halved with every `halfLifeMs` between it and the as-of time; between it and the
 * window's newest event where that is ahead. 0 for an empty window.
 */
export const expDecayCount: Aggregation = {
  name: "expDecayCount",
  accuracy: "rounding: relative error at most (n + 6) 2^-52 for n events",
  columns: (call) => {
    const halfLifeMs = requiredParameter(call, "halfLifeMs");
    const id = `decayed/count/${halfLifeMs}`;
    const kind = decayedSumKind({ id, accepts: "nothing", halfLifeMs, weigh: () => 1 });
    return [{ kind, value: null, where: call.where }];
  },
  result: ([decayed]: readonly (DecayedSum | null)[], { parameters, asOfMs }) =>
    decayed === null || decayed === undefined ? 0 : decayedTo(decayed, asOfMs, parameters.halfLifeMs!),
};

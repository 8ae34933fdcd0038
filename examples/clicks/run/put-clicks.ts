import { put } from "../../../lib/client/index.ts";
import { clicks } from "../definitions.ts";
import type { Delivery } from "../generate/click.ts";
import type { AvailabilityWatch } from "./availability.ts";
import type { ClicksPipeline } from "./pipeline.ts";

/** Puts deliveries in order, from where it was. */
export interface ClickFeed {
  /** Puts what came in before a time. */
  putUntil(endMs: number): Promise<void>;
  /** Records put. */
  readonly put: number;
}

/** @param deliveries - In the order in which they come in. */
export function feedClicks(
  stream: ClicksPipeline["stream"],
  deliveries: readonly Delivery[],
  watch: AvailabilityWatch,
): ClickFeed {
  let next = 0;
  return {
    putUntil: async (endMs) => {
      let end = next;
      while (end < deliveries.length && deliveries[end]!.arrivedMs < endMs) end += 1;
      const due = deliveries.slice(next, end);
      next = end;
      if (due.length === 0) return;
      watch.putting(due.filter(({ isRepeat }) => !isRepeat).map(({ click }) => click));
      await put(
        clicks,
        due.map(({ click }) => click),
        stream,
      );
    },
    get put() {
      return next;
    },
  };
}

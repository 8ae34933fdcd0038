import { formatDuration } from "../../lib/define/duration.ts";
import { FreshetError } from "../../lib/define/error.ts";
import type { Definitions } from "../../lib/define/types.ts";

/**
 * Refuses a batching window that `FeaturePipeline` refuses: what it would cost is not worth telling.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function refuseStaleWindow(windowSeconds: number, { views }: Definitions): void {
  const [tightest] = [...views].sort((left, right) => left.slaMs - right.slaMs);
  if (tightest === undefined || windowSeconds * 1_000 < tightest.slaMs) return;
  const { name, version, slaMs } = tightest;
  throw new FreshetError(
    "OPTION_INVALID",
    `--window is ${windowSeconds}, and view ${name}@${version} has an SLA of ${formatDuration(slaMs)}: its answers would be stale, and FeaturePipeline refuses such a window. Give a shorter one, or lengthen the SLA.`,
  );
}

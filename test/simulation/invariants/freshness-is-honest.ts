import type { EntityReading } from "../../../lib/online/reader.ts";
import type { Covered } from "./answers-equal-oracle.ts";
import type { Report } from "./violation.ts";

/**
 * An answer's lag is never less than the age of the oldest event that it lacks (R11).
 *
 * @param nowMs - the true time of the answer; the reader's clock may be off.
 */
export function checkFreshness(options: {
  readonly reading: EntityReading;
  readonly covered: readonly Covered[];
  readonly nowMs: number;
  /** Whether records of the entity are lost and not rebuilt yet, and whether its shard was marked for it. */
  readonly isLost: boolean;
  readonly isMarked: boolean;
  readonly report: Report;
}): void {
  const { reading, covered, nowMs, isLost, isMarked, report } = options;
  const { lagMs, status, consistent } = reading;
  const what = `${reading.view}@${reading.version} of ${JSON.stringify(reading.key)} was called ${status}`;
  if (isMarked && status !== "unknown") {
    report("freshness-is-honest", `${what} although records are known to be lost.`);
  }
  if (!consistent && (status === "fresh" || status === "warming")) {
    report("freshness-is-honest", `${what} from an eventually consistent read.`);
  }
  // The lag of an eventual read is a lower bound, and says so by its status.
  if (lagMs === null || !consistent || isLost) return;
  for (const { missing } of covered) {
    if (missing === null) continue;
    const trueLagMs = nowMs - missing.event.arrivalMs;
    if (lagMs < trueLagMs) {
      report(
        "freshness-is-honest",
        `${what} with a lag of ${lagMs} ms; it lacks a record that arrived ${trueLagMs} ms before.`,
      );
    }
  }
}

import type { FoldOutcome } from "../../../lib/engine/fold.ts";
import type { LoggedRecord } from "../platform/record-log.ts";
import type { RecordKind } from "./record-plan.ts";

/** Whether a record is to its views what it was made to be. */
export function isSeen(kind: RecordKind, { decoded, events }: LoggedRecord): boolean {
  const isOutcome = (outcome: FoldOutcome) => events.some((event) => event.outcome === outcome);
  switch (kind) {
    case "late":
      return isOutcome("late");
    case "producer-retry":
      return isOutcome("duplicate");
    case "item-near-bound":
      return isOutcome("item-full");
    case "poison":
    case "foreign-partition-key":
      return decoded.kind === "rejected";
    default:
      return true;
  }
}

import type { CountedView } from "../summary/count-views.ts";
import { RECOUNTED_VIEW_NAMES } from "./recount-views.ts";
import type { Verdicts } from "./verdicts.ts";

/**
 * Holds what became of a view's records to what should have: the counts in the items, what went with items that
 * expired, the entries of the late channel, and the quarantined records by reason.
 *
 * @param expectCount - Takes two counts that should be equal.
 */
export function verifyCounts(
  counted: ReadonlyMap<string, CountedView>,
  verdicts: Verdicts,
  expectCount: (subject: string, expected: number, actual: number) => void,
): void {
  for (const view of RECOUNTED_VIEW_NAMES) {
    const { counts, held, cleared, lateEntries } = counted.get(view)!;
    const expected = verdicts[view];
    for (const outcome of ["folded", "duplicate", "late"] as const) {
      expectCount(`${view} ${outcome} in the items`, expected.held[outcome], held[outcome]);
      expectCount(`${view} ${outcome} in expired items`, expected.cleared[outcome], cleared[outcome]);
    }
    expectCount(`${view} in the late channel`, expected.total.late, lateEntries);
    expectCount(`${view} quarantined`, expected.quarantined, counts.quarantined);
    for (const reason of new Set([...Object.keys(expected.reasons), ...Object.keys(counts.reasons)])) {
      const wanted = (expected.reasons as Readonly<Record<string, number>>)[reason] ?? 0;
      expectCount(`${view} quarantined as ${reason}`, wanted, counts.reasons[reason] ?? 0);
    }
    const { put, folded, duplicate, late, quarantined } = counts;
    expectCount(`${view} in all`, put, folded + duplicate + late + quarantined);
  }
}

import type { TailedEntry } from "./entry-reader.ts";

/** The order of arrival; ties by source, writer and sequence number, so that it is the same at each run. */
export function byArrival(left: TailedEntry, right: TailedEntry): number {
  const [a, b] = [left.entry, right.entry];
  return (
    a.arrivalMs - b.arrivalMs ||
    compare(a.source, b.source) ||
    compare(a.writer, b.writer) ||
    a.sequenceNumber.length - b.sequenceNumber.length ||
    compare(a.sequenceNumber, b.sequenceNumber) ||
    compare(a.view ?? "", b.view ?? "")
  );
}

/**
 * The last entries by arrival, in that order.
 *
 * @param limit - how many at most; null for all.
 */
export async function latestEntries(
  entries: AsyncIterable<TailedEntry>,
  limit: number | null,
): Promise<readonly TailedEntry[]> {
  let kept: TailedEntry[] = [];
  const most = limit ?? Number.POSITIVE_INFINITY;
  for await (const entry of entries) {
    kept.push(entry);
    // Cut now and then, so that a long history does not fill the memory.
    if (kept.length >= 2 * most + 1_000) kept = kept.sort(byArrival).slice(-most);
  }
  return kept.sort(byArrival).slice(-most);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

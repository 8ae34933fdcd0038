import type { ViewPlan } from "../../../lib/engine/plan.ts";
import type { ObjectStore } from "../../../lib/engine/ports/object-store.ts";
import { addCounts, type ItemCounts, zeroCounts } from "../../../lib/engine/state/image-header.ts";
import type { Channel } from "../../../lib/online/channels.ts";
import { countOutcomes } from "../../../lib/online/counts.ts";
import { viewIdOf } from "../../../lib/online/items.ts";
import type { StateStore } from "../../../lib/online/state-store.ts";
import type { RecordLog } from "../platform/record-log.ts";
import {
  type Begins,
  type EntryNames,
  entriesIn,
  entriesOf,
  entryName,
  wrongPayloads,
} from "./entries-of.ts";
import type { Report } from "./violation.ts";

/**
 * Every record put ended in exactly one of folded, duplicate, late, excluded and quarantined, by items and objects
 * alone, with what resets cleared and TTL deleted (R12).
 */
export async function checkCounts(options: {
  readonly log: RecordLog;
  readonly store: StateStore;
  readonly objects: ObjectStore;
  readonly plans: readonly ViewPlan[];
  /** Counts of items that TTL deleted, by key: those that were made again have been cleared as by a reset. */
  readonly deleted: ReadonlyMap<string, Readonly<ItemCounts>>;
  readonly items: ReadonlyMap<string, unknown>;
  readonly begins: Begins;
  /** Entries of verdicts that a rebuild overturned stay: what was written is not deleted. */
  readonly overturned: EntryNames;
  readonly report: Report;
}): Promise<void> {
  const { log, store, objects, plans, deleted, items, begins, overturned, report } = options;
  const entries = await entriesIn(objects, plans);
  for (const wrong of await wrongPayloads(objects, log)) report("counts-add-up", wrong);
  const expected = entriesOf(log, plans, begins);
  for (const name of expected) {
    if (!entries.has(name)) report("counts-add-up", `there is no entry ${name}.`);
  }
  for (const name of entries) {
    if (!expected.has(name) && !overturned.has(name)) report("counts-add-up", `there is an entry ${name}.`);
  }
  const overturnedIn = (channel: Channel, { id }: ViewPlan) =>
    [...entries].filter((name) => !expected.has(name) && name.startsWith(entryName(channel, id, ""))).length;
  const counts = await countOutcomes({ store, objects, plans });
  for (const plan of plans) {
    const stored = counts.get(plan.id)!;
    const gone = zeroCounts();
    for (const [pk, own] of deleted) {
      if (viewIdOf(pk) === plan.id && !items.has(pk)) addCounts(gone, own);
    }
    const cleared = { folded: 0, duplicate: 0, late: 0, excluded: 0 };
    for (const history of log.items.values()) {
      if (history.plan !== plan) continue;
      for (const outcome of ["folded", "duplicate", "late", "excluded"] as const) {
        cleared[outcome] += history.cleared[outcome];
      }
    }
    const total = { folded: 0, duplicate: 0, late: 0, excluded: 0 };
    for (const outcome of ["folded", "duplicate", "late", "excluded"] as const) {
      total[outcome] = stored[outcome] + cleared[outcome] + gone[outcome];
    }
    // Records that no view takes are quarantined for all, and for a new version those before its start as well.
    let put = 0;
    let early = 0;
    for (const { decoded, writer, sequenceNumber } of log.records) {
      if (decoded.kind === "heartbeat") continue;
      if (begins(plan, writer, sequenceNumber)) put++;
      else if (decoded.kind === "rejected") early++;
    }
    const quarantined = stored.quarantined - overturnedIn("quarantine", plan);
    const sum = total.folded + total.duplicate + total.late + total.excluded + quarantined;
    if (sum !== put + early) {
      report(
        "counts-add-up",
        `${plan.id}: ${JSON.stringify({ ...total, quarantined })} is ${sum}, of ${put + early} put.`,
      );
    }
    const lateEntries = stored.lateEntries - overturnedIn("late", plan);
    if (lateEntries !== total.late) {
      report("counts-add-up", `${plan.id}: ${lateEntries} late entries for ${total.late} late records.`);
    }
  }
}

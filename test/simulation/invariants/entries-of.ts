import type { ViewPlan } from "../../../lib/engine/plan.ts";
import type { ObjectStore } from "../../../lib/engine/ports/object-store.ts";
import { type Channel, readChannel } from "../../../lib/online/channels.ts";
import type { RecordLog } from "../platform/record-log.ts";

/** Whether a view folds a record of a writer. */
export type Begins = (plan: ViewPlan, writer: string, sequenceNumber: string) => boolean;

/** Records that entries of a channel are about, for one view, by writer and sequence number. */
export type EntryNames = ReadonlySet<string>;

const CHANNELS: readonly Channel[] = ["late", "quarantine"];

export const entryName = (channel: Channel, view: string, record: string): string =>
  `${channel} ${view} ${record}`;

/** What the bucket has: an entry that is no view's own is every view's. */
export async function entriesIn(objects: ObjectStore, plans: readonly ViewPlan[]): Promise<EntryNames> {
  const names = new Set<string>();
  for (const channel of CHANNELS) {
    for await (const { view, writer, sequenceNumber } of readChannel(objects, channel)) {
      for (const { id } of plans) {
        if (view === null || view === id) names.add(entryName(channel, id, `${writer} ${sequenceNumber}`));
      }
    }
  }
  return names;
}

/** Entries that do not hold their record's bytes (R12). */
export async function wrongPayloads(objects: ObjectStore, log: RecordLog): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const channel of CHANNELS) {
    for await (const { writer, sequenceNumber, payload, partitionKey } of readChannel(objects, channel)) {
      const record = log.byNumber.get(`${writer} ${sequenceNumber}`);
      if (record?.partitionKey === partitionKey && Buffer.from(payload, "base64").equals(record.data))
        continue;
      wrong.push(`the entry of ${writer} ${sequenceNumber} in ${channel} is not of its record.`);
    }
  }
  return wrong;
}

/** What it must have, by one pass over the records. */
export function entriesOf(log: RecordLog, plans: readonly ViewPlan[], begins: Begins): EntryNames {
  const names = new Set<string>();
  for (const { writer, sequenceNumber, decoded, refused, events } of log.records) {
    const record = `${writer} ${sequenceNumber}`;
    for (const plan of plans) {
      const isRefused = refused.includes(plan) && begins(plan, writer, sequenceNumber);
      if (decoded.kind === "rejected" || isRefused) names.add(entryName("quarantine", plan.id, record));
    }
    for (const { history, outcome } of events) {
      const { plan } = history;
      if (!plans.includes(plan)) continue;
      if (outcome === "late") names.add(entryName("late", plan.id, record));
      if (outcome === "item-full" || outcome === "function-threw") {
        names.add(entryName("quarantine", plan.id, record));
      }
    }
  }
  return names;
}

import { createHash } from "node:crypto";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import type { QuarantineReason } from "../engine/record.ts";

/** Where records go that no view, or not the named view, could fold (R12). */
export type Channel = "quarantine" | "late";

/** A record that was set aside, whole. Source, writer, sequence number and view are its identity. */
export interface ChannelEntry {
  /** The source's name. */
  readonly source: string;
  /** Stream incarnation and shard. */
  readonly writer: string;
  /** As Kinesis gave it. */
  readonly sequenceNumber: string;
  /** The `name@version` of the view that could not take it; null: none of the source's views can. */
  readonly view: string | null;
  /** Epoch ms. */
  readonly arrivalMs: number;
  /** Why it was set aside, by name. */
  readonly reason: QuarantineReason | "late";
  /** Why, in words: what it is, and what would be taken. */
  readonly detail: string;
  /** The key that it was put under. */
  readonly partitionKey: string;
  /** The record's bytes in base64. */
  readonly payload: string;
}

/** What an entry is known by within its channel: the same record may be written more than once. */
export function entryIdentity({ source, writer, sequenceNumber, view }: ChannelEntry): string {
  return `${source} ${writer} ${sequenceNumber} ${view ?? ""}`;
}

/**
 * Writes entries of one shard as JSON lines, durable when this resolves.
 * The object is named by its content: a redelivered batch that finds the same entries writes the same object, and
 * one that finds fewer (the rest being folded by then) never replaces what was written before.
 */
export async function writeChannel(
  store: ObjectStore,
  channel: Channel,
  entries: readonly ChannelEntry[],
): Promise<void> {
  const first = entries[0];
  if (first === undefined) return;
  const body = Buffer.from(`${entries.map((entry) => JSON.stringify(entry)).join("\n")}\n`);
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 16);
  await store.put(`${channel}/${first.source}/${first.writer}/${first.sequenceNumber}-${digest}.jsonl`, body);
}

/**
 * All entries of a channel, each identity once.
 *
 * @example
 * ```ts
 * for await (const entry of readChannel(objects, "quarantine")) console.log(entry.reason, entry.detail);
 * ```
 */
export async function* readChannel(
  store: ObjectStore,
  channel: Channel,
  options: { readonly source?: string } = {},
): AsyncIterable<ChannelEntry> {
  const seen = new Set<string>();
  const prefix = options.source === undefined ? `${channel}/` : `${channel}/${options.source}/`;
  for (const key of await store.list(prefix)) {
    const body = await store.get(key);
    if (body === undefined) continue;
    for (const line of Buffer.from(body).toString("utf8").split("\n")) {
      if (line === "") continue;
      const entry = JSON.parse(line) as ChannelEntry;
      const identity = entryIdentity(entry);
      if (seen.has(identity)) continue;
      seen.add(identity);
      yield entry;
    }
  }
}

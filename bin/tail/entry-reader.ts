import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import { type Channel, type ChannelEntry, entryIdentity } from "../../lib/online/channels.ts";
import { type EntryFilter, passes } from "./entry-filter.ts";

/** An entry, and the channel that holds it. */
export interface TailedEntry {
  readonly channel: Channel;
  readonly entry: ChannelEntry;
}

export interface EntryReader {
  /** The entries of objects that were not there at the last call, each identity once in all (R12). */
  readNew(): AsyncIterable<TailedEntry>;
}

const CHANNELS: readonly Channel[] = ["quarantine", "late"];

/**
 * Reads late and quarantined entries as they come.
 *
 * @param options.onUnreadable - told of an object, or a line of one, that is no entry; the rest is read on.
 */
export function createEntryReader(options: {
  readonly store: Pick<ObjectStore, "get" | "list">;
  readonly filter: EntryFilter;
  readonly onUnreadable: (message: string) => void;
}): EntryReader {
  const { store, filter, onUnreadable } = options;
  const readKeys = new Set<string>();
  const seen = new Set<string>();

  async function* readObject(channel: Channel, key: string): AsyncIterable<TailedEntry> {
    const body = await store.get(key);
    if (body === undefined) return;
    readKeys.add(key);
    for (const [index, line] of Buffer.from(body).toString("utf8").split("\n").entries()) {
      if (line === "") continue;
      const entry = parseEntry(line);
      if (entry === null) {
        onUnreadable(`object ${key}, line ${index + 1} is not an entry of channel ${channel}.`);
        continue;
      }
      if (!passes(filter, entry)) continue;
      const identity = `${channel} ${entryIdentity(entry)}`;
      if (seen.has(identity)) continue;
      seen.add(identity);
      yield { channel, entry };
    }
  }

  return {
    async *readNew() {
      for (const channel of CHANNELS) {
        if (filter.channel !== undefined && filter.channel !== channel) continue;
        const prefix = filter.source === undefined ? `${channel}/` : `${channel}/${filter.source}/`;
        for (const key of await store.list(prefix)) if (!readKeys.has(key)) yield* readObject(channel, key);
      }
    },
  };
}

const TEXTS = ["source", "writer", "sequenceNumber", "reason", "detail", "partitionKey", "payload"] as const;

function parseEntry(line: string): ChannelEntry | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null) return null;
  const fields = parsed as Record<string, unknown>;
  const isEntry =
    TEXTS.every((name) => typeof fields[name] === "string") &&
    typeof fields.arrivalMs === "number" &&
    (fields.view === null || typeof fields.view === "string");
  return isEntry ? (parsed as ChannelEntry) : null;
}

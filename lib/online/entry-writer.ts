import type { ObjectStore } from "../engine/ports/object-store.ts";
import { type Channel, type ChannelEntry, writeChannel } from "./channels.ts";
import type { BatchEntry } from "./decode-batch.ts";

/** Writes the late and quarantine entries of one batch, each at most once. */
export interface EntryWriter {
  /**
   * Writes what is not written yet, one object a channel.
   *
   * @returns the entries that could not be written, with the error.
   */
  write(entries: readonly BatchEntry[]): Promise<ReadonlyMap<BatchEntry, unknown>>;
}

export function createEntryWriter(objects: ObjectStore): EntryWriter {
  const written = new Set<string>();

  async function writeTo(channel: Channel, entries: readonly BatchEntry[], failed: Map<BatchEntry, unknown>) {
    const fresh = entries.filter(
      ({ entry }) => channelOf(entry) === channel && !written.has(identity(entry)),
    );
    try {
      await writeChannel(
        objects,
        channel,
        fresh.map(({ entry }) => entry),
      );
      for (const { entry } of fresh) written.add(identity(entry));
    } catch (error) {
      for (const entry of fresh) failed.set(entry, error);
    }
  }

  return {
    async write(entries) {
      const failed = new Map<BatchEntry, unknown>();
      await Promise.all([writeTo("quarantine", entries, failed), writeTo("late", entries, failed)]);
      return failed;
    },
  };
}

function channelOf(entry: ChannelEntry): Channel {
  return entry.reason === "late" ? "late" : "quarantine";
}

function identity(entry: ChannelEntry): string {
  return `${channelOf(entry)} ${entry.sequenceNumber} ${entry.view ?? ""}`;
}

import { FreshetError } from "../../define/error.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";

/** The version of the image format that this release writes (docs/state-format.md). */
export const IMAGE_VERSION = 1;

/** How many records an item holds of each outcome (R12), and how many ids its dedup ring dropped early (R3). */
export interface ItemCounts {
  folded: number;
  duplicate: number;
  late: number;
  excluded: number;
  dedupOverflow: number;
}

export const zeroCounts = (): ItemCounts => ({
  folded: 0,
  duplicate: 0,
  late: 0,
  excluded: 0,
  dedupOverflow: 0,
});

/** Adds one set of counts to another, in place. */
export function addCounts(total: ItemCounts, part: Readonly<ItemCounts>): ItemCounts {
  total.folded += part.folded;
  total.duplicate += part.duplicate;
  total.late += part.late;
  total.excluded += part.excluded;
  total.dedupOverflow += part.dedupOverflow;
  return total;
}

/** The newest event time before the first event. A number, so that a fold makes no object to move it on. */
export const NO_EVENT = Number.NEGATIVE_INFINITY;

/** What an image's times of rows are written against: the newest event, or 0 before the first. */
export const timeBase = (newestMs: number): number => (newestMs === NO_EVENT ? 0 : newestMs);

/** What an image says of its item before any tile. */
export interface ImageHeader {
  /** The newest event time folded, epoch ms; {@link NO_EVENT} before the first. */
  newestMs: number;
  /** The latest declared arrival of a record that moved the item, epoch ms. */
  lastArrivalMs: number;
  counts: ItemCounts;
}

export function writeHeader(writer: ByteWriter, header: ImageHeader): void {
  writer.byte(IMAGE_VERSION);
  writer.signedVarint(header.lastArrivalMs);
  if (header.newestMs === NO_EVENT) writer.byte(0);
  else {
    writer.byte(1);
    writer.signedVarint(header.lastArrivalMs - header.newestMs);
  }
  const { counts } = header;
  writer.varint(counts.folded);
  writer.varint(counts.duplicate);
  writer.varint(counts.late);
  writer.varint(counts.excluded);
  writer.varint(counts.dedupOverflow);
}

/** @throws FreshetError `IMAGE_VERSION_UNKNOWN` for a version that this release cannot read (R13). */
export function readHeader(
  reader: ByteReader,
  into: ImageHeader = { newestMs: NO_EVENT, lastArrivalMs: 0, counts: zeroCounts() },
): ImageHeader {
  const version = reader.byte();
  if (version !== IMAGE_VERSION) {
    throw new FreshetError(
      "IMAGE_VERSION_UNKNOWN",
      `a state image has codec version ${version}; this release reads version ${IMAGE_VERSION}. Deploy the release that reads it.`,
    );
  }
  into.lastArrivalMs = reader.signedVarint();
  into.newestMs = reader.byte() === 0 ? NO_EVENT : into.lastArrivalMs - reader.signedVarint();
  const { counts } = into;
  counts.folded = reader.varint();
  counts.duplicate = reader.varint();
  counts.late = reader.varint();
  counts.excluded = reader.varint();
  counts.dedupOverflow = reader.varint();
  return into;
}

/** When an item expires (R15): so long after the later of its newest event and last arrival; null: never. */
export function expiresAtMs(header: ImageHeader, expiryMs: number | null): number | null {
  if (expiryMs === null) return null;
  return lastActiveMs(header) + expiryMs;
}

/** The later of an item's newest event and last arrival. */
export function lastActiveMs({ newestMs, lastArrivalMs }: ImageHeader): number {
  return Math.max(newestMs, lastArrivalMs);
}

import { createHash } from "node:crypto";
import { ByteReader } from "./codec/byte-reader.ts";
import { ByteWriter } from "./codec/byte-writer.ts";

/** How far one writer has been folded into an item. */
export interface PositionEntry {
  /** Stream incarnation and shard, as {@link writerName} makes it. */
  readonly writer: string;
  readonly sequenceNumber: string;
  /** The latest arrival folded from it, by the later of declared arrival and Kinesis's stamp, epoch ms. */
  readonly lastArrivalMs: number;
}

/**
 * A writer's name: eight hex digits of the stream's ARN and creation time, a slash, and the shard id.
 * A stream that was deleted and made again is another writer, whatever its name.
 */
export function writerName(streamArn: string, streamCreatedMs: number, shardId: string): string {
  const incarnation = createHash("sha256").update(`${streamArn} ${streamCreatedMs}`).digest("hex").slice(0, 8);
  return `${incarnation}/${shardId}`;
}

/** Orders sequence numbers: decimals of any length, compared as padded strings, never as numbers (R2). */
export function compareSequenceNumbers(left: string, right: string): number {
  if (left.length !== right.length) {
    const width = Math.max(left.length, right.length);
    return compareSequenceNumbers(left.padStart(width, "0"), right.padStart(width, "0"));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

const PLAIN_WRITER = /^([0-9a-f]{8})\/shardId-(\d{12})$/;
const PLAIN_SEQUENCE = /^(?:0|[1-9]\d*)$/;
const writer = new ByteWriter(128);

/** The canonical bytes of a position: entries in the order of their writers. */
export function encodePosition(entries: readonly PositionEntry[]): Uint8Array {
  const ordered =
    entries.length < 2 ? entries : [...entries].sort((left, right) => (left.writer < right.writer ? -1 : 1));
  writer.reset();
  for (const entry of ordered) {
    writeWriter(entry.writer);
    writeSequenceNumber(entry.sequenceNumber);
    writer.signedVarint(entry.lastArrivalMs);
  }
  return writer.toBytes();
}

export function decodePosition(bytes: Uint8Array): readonly PositionEntry[] {
  const reader = new ByteReader(bytes);
  const entries: PositionEntry[] = [];
  while (reader.offset < reader.end) {
    entries.push({
      writer: readWriter(reader),
      sequenceNumber: readSequenceNumber(reader),
      lastArrivalMs: reader.signedVarint(),
    });
  }
  return entries;
}

function writeWriter(name: string): void {
  const plain = PLAIN_WRITER.exec(name);
  if (plain === null) {
    writer.byte(1);
    writer.text(name);
    return;
  }
  writer.byte(0);
  writer.uint32(Number.parseInt(plain[1]!, 16));
  writer.varint(Number(plain[2]));
}

function readWriter(reader: ByteReader): string {
  if (reader.byte() === 1) return reader.text();
  const incarnation = reader.uint32().toString(16).padStart(8, "0");
  return `${incarnation}/shardId-${String(reader.varint()).padStart(12, "0")}`;
}

/** A 56-digit decimal takes 24 bytes: its length, then the number, high byte first. 0 stands before any other text. */
function writeSequenceNumber(text: string): void {
  if (!PLAIN_SEQUENCE.test(text)) {
    writer.byte(0);
    writer.text(text);
    return;
  }
  const hex = BigInt(text).toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  writer.byte(even.length / 2);
  for (let i = 0; i < even.length; i += 2) writer.byte(Number.parseInt(even.slice(i, i + 2), 16));
}

function readSequenceNumber(reader: ByteReader): string {
  const length = reader.byte();
  if (length === 0) return reader.text();
  let hex = "0x";
  for (let i = 0; i < length; i++) hex += reader.byte().toString(16).padStart(2, "0");
  return BigInt(hex).toString();
}

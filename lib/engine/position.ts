import { createHash } from "node:crypto";
import { ByteReader } from "./codec/byte-reader.ts";
import { ByteWriter } from "./codec/byte-writer.ts";
import { compareSequenceNumbers, sameOrEarlier, sequenceBytes, sequenceText } from "./sequence-number.ts";

export { compareSequenceNumbers };

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
  const incarnation = createHash("sha256")
    .update(`${streamArn} ${streamCreatedMs}`)
    .digest("hex")
    .slice(0, 8);
  return `${incarnation}/${shardId}`;
}

/** The canonical bytes of a position: entries in the order of their writers. */
export function encodePosition(entries: readonly PositionEntry[]): Uint8Array {
  return encode(
    entries.map(({ writer, sequenceNumber, lastArrivalMs }) => ({
      writer,
      sequence: sequenceBytes(sequenceNumber),
      lastArrivalMs,
    })),
  );
}

export function decodePosition(bytes: Uint8Array): readonly PositionEntry[] {
  return decode(bytes).map(({ writer, sequence, lastArrivalMs }) => ({
    writer,
    sequenceNumber: sequenceText(sequence),
    lastArrivalMs,
  }));
}

interface BinaryEntry {
  writer: string;
  sequence: Uint8Array;
  lastArrivalMs: number;
}

/** An item's position while events fold: what they are compared with, and where they move it. */
export class MovingPosition {
  private readonly entries: BinaryEntry[];
  /** The last event taken by {@link advance}; its bytes are made once, when the position is encoded. */
  private latest: string | null = null;

  constructor(
    bytes: Uint8Array | undefined,
    private readonly writer: string,
  ) {
    this.entries = bytes === undefined ? [] : decode(bytes);
  }

  /** Whether the writer's position is at or past a sequence number. */
  holds(sequenceNumber: string): boolean {
    if (this.latest !== null) return compareSequenceNumbers(sequenceNumber, this.latest) <= 0;
    const mine = this.mine();
    return mine !== undefined && sameOrEarlier(sequenceBytes(sequenceNumber), mine.sequence);
  }

  /**
   * Moves the writer on. Other entries leave once the stream no longer holds anything of theirs that could be
   * delivered again.
   */
  advance(event: { sequenceNumber: string; stampMs: number; retentionMs: number }): void {
    const { stampMs, retentionMs } = event;
    const { entries, writer } = this;
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]!;
      if (entry.writer !== writer && stampMs > entry.lastArrivalMs + retentionMs) entries.splice(i, 1);
    }
    this.latest = event.sequenceNumber;
    const mine = this.mine();
    if (mine === undefined) entries.push({ writer, sequence: new Uint8Array(0), lastArrivalMs: stampMs });
    else mine.lastArrivalMs = Math.max(mine.lastArrivalMs, stampMs);
  }

  get lastArrivalMs(): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (const entry of this.entries) latest = Math.max(latest, entry.lastArrivalMs);
    return latest;
  }

  encode(): Uint8Array {
    if (this.latest !== null) this.mine()!.sequence = sequenceBytes(this.latest);
    return encode(this.entries);
  }

  private mine(): BinaryEntry | undefined {
    const { entries, writer } = this;
    for (let i = 0; i < entries.length; i++) if (entries[i]!.writer === writer) return entries[i];
    return undefined;
  }
}

const output = new ByteWriter(128);
const input = new ByteReader(new Uint8Array(0));

function encode(entries: readonly BinaryEntry[]): Uint8Array {
  const ordered =
    entries.length < 2 ? entries : [...entries].sort((left, right) => (left.writer < right.writer ? -1 : 1));
  output.reset();
  for (const { writer, sequence, lastArrivalMs } of ordered) {
    writeWriter(writer);
    output.varint(sequence.length);
    output.raw(sequence, 0, sequence.length);
    output.signedVarint(lastArrivalMs);
  }
  return output.toBytes();
}

function decode(bytes: Uint8Array): BinaryEntry[] {
  input.seek(bytes, 0, bytes.length);
  const entries: BinaryEntry[] = [];
  while (input.offset < input.end) {
    const writer = readWriter();
    const start = input.varint() + input.offset;
    const sequence = bytes.subarray(input.offset, start);
    input.skip(start - input.offset);
    entries.push({ writer, sequence, lastArrivalMs: input.signedVarint() });
  }
  return entries;
}

const PLAIN_WRITER = /^([0-9a-f]{8})\/shardId-(\d{12})$/;

/** The name read or written last with its parts: a shard's batch names one writer thousands of times. */
let remembered = { name: "", plain: false, incarnation: 0, shard: 0 };

function writeWriter(name: string): void {
  if (name !== remembered.name) {
    const plain = PLAIN_WRITER.exec(name);
    remembered =
      plain === null
        ? { name, plain: false, incarnation: 0, shard: 0 }
        : { name, plain: true, incarnation: Number.parseInt(plain[1]!, 16), shard: Number(plain[2]) };
  }
  if (!remembered.plain) {
    output.byte(1);
    output.text(name);
    return;
  }
  output.byte(0);
  output.uint32(remembered.incarnation);
  output.varint(remembered.shard);
}

function readWriter(): string {
  if (input.byte() === 1) return input.text();
  const incarnation = input.uint32();
  const shard = input.varint();
  if (!remembered.plain || incarnation !== remembered.incarnation || shard !== remembered.shard) {
    const name = `${incarnation.toString(16).padStart(8, "0")}/shardId-${String(shard).padStart(12, "0")}`;
    remembered = { name, plain: true, incarnation, shard };
  }
  return remembered.name;
}

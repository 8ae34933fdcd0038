import { createHash } from "node:crypto";
import { ByteReader } from "./codec/byte-reader.ts";
import { ByteWriter } from "./codec/byte-writer.ts";
import { compareSequenceNumbers, isAtMost, sequenceText, writeSequence } from "./sequence-number.ts";

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
      ...NOT_STORED,
      writer,
      latest: sequenceNumber,
      lastArrivalMs,
    })),
  );
}

export function decodePosition(bytes: Uint8Array): readonly PositionEntry[] {
  return decode(bytes).map(({ writer, start, end, lastArrivalMs }) => ({
    writer,
    sequenceNumber: sequenceText(bytes, start, end),
    lastArrivalMs,
  }));
}

/** An entry whose sequence number is text that came lately, or else still the bytes it was stored as. */
interface Entry {
  readonly writer: string;
  latest: string | null;
  readonly stored: Uint8Array;
  readonly start: number;
  readonly end: number;
  lastArrivalMs: number;
}

const NOT_STORED = { stored: new Uint8Array(0), start: 0, end: 0 } as const;

/** An item's position while events fold: what they are compared with, and where they move it. */
export class MovingPosition {
  private readonly entries: Entry[];
  private mine: Entry | undefined;

  constructor(
    bytes: Uint8Array | undefined,
    private readonly writer: string,
    private readonly retentionMs: number,
  ) {
    this.entries = bytes === undefined ? [] : decode(bytes);
    this.mine = this.entries.find((entry) => entry.writer === writer);
  }

  /** Whether the writer's position is at or past a sequence number. */
  holds(sequenceNumber: string): boolean {
    const { mine } = this;
    if (mine === undefined) return false;
    if (mine.latest !== null) return compareSequenceNumbers(sequenceNumber, mine.latest) <= 0;
    return isAtMost(sequenceNumber, mine.stored, mine.start, mine.end);
  }

  /**
   * Moves the writer on. Other entries leave once the stream no longer holds anything of theirs that could be
   * delivered again.
   */
  advance(sequenceNumber: string, stampMs: number): void {
    const { entries, mine } = this;
    if (mine === undefined) {
      this.mine = { ...NOT_STORED, writer: this.writer, latest: sequenceNumber, lastArrivalMs: stampMs };
      entries.push(this.mine);
    } else {
      mine.latest = sequenceNumber;
      mine.lastArrivalMs = Math.max(mine.lastArrivalMs, stampMs);
    }
    if (entries.length === 1) return;
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]!;
      if (entry !== this.mine && stampMs > entry.lastArrivalMs + this.retentionMs) entries.splice(i, 1);
    }
  }

  get lastArrivalMs(): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (const entry of this.entries) latest = Math.max(latest, entry.lastArrivalMs);
    return latest;
  }

  encode(): Uint8Array {
    return encode(this.entries);
  }
}

const output = new ByteWriter(16 * 1024);
const input = new ByteReader(new Uint8Array(0));

function encode(entries: readonly Entry[]): Uint8Array {
  const ordered =
    entries.length < 2 ? entries : [...entries].sort((left, right) => (left.writer < right.writer ? -1 : 1));
  output.reset();
  for (const { writer, latest, stored, start, end, lastArrivalMs } of ordered) {
    writeWriter(writer);
    if (latest !== null) writeSequence(output, latest);
    else {
      output.varint(end - start);
      output.raw(stored, start, end);
    }
    output.signedVarint(lastArrivalMs);
  }
  return output.take();
}

function decode(bytes: Uint8Array): Entry[] {
  input.seek(bytes, 0, bytes.length);
  const entries: Entry[] = [];
  while (input.offset < input.end) {
    const writer = readWriter();
    const length = input.varint();
    const start = input.offset;
    input.skip(length);
    const end = input.offset;
    entries.push({ writer, latest: null, stored: bytes, start, end, lastArrivalMs: input.signedVarint() });
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

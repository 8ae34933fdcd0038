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
  output.reset();
  for (const { writer, sequenceNumber, lastArrivalMs } of [...entries].sort(byWriter)) {
    writeEntry(writer, { ...newEntry(), latest: sequenceNumber, lastArrivalMs });
  }
  return output.take();
}

function byWriter(left: PositionEntry, right: PositionEntry): number {
  return left.writer < right.writer ? -1 : 1;
}

export function decodePosition(bytes: Uint8Array): readonly PositionEntry[] {
  const entries: PositionEntry[] = [];
  const entry = newEntry();
  input.seek(bytes, 0, bytes.length);
  while (input.offset < input.end) {
    const writer = readWriter();
    const { start, end, lastArrivalMs } = readEntry(entry);
    entries.push({ writer, sequenceNumber: sequenceText(bytes, start, end), lastArrivalMs });
  }
  return entries;
}

const NO_WRITERS: readonly string[] = [];

/** The writers of a position beside one: nearly always none. */
export function writersBeside(bytes: Uint8Array, writer: string): readonly string[] {
  let others = NO_WRITERS;
  const entry = newEntry();
  input.seek(bytes, 0, bytes.length);
  while (input.offset < input.end) {
    const name = readWriter();
    readEntry(entry);
    if (name !== writer) others = [...others, name];
  }
  return others;
}

/** A writer's entry: its sequence number is text that came lately, or else still the bytes it was stored as. */
interface Entry {
  latest: string | null;
  stored: Uint8Array;
  start: number;
  end: number;
  lastArrivalMs: number;
}

const NO_BYTES = new Uint8Array(0);
const newEntry = (): Entry => ({ latest: null, stored: NO_BYTES, start: 0, end: 0, lastArrivalMs: 0 });

interface OtherEntry {
  readonly writer: string;
  readonly entry: Entry;
}

const NO_OTHERS: readonly OtherEntry[] = [];

/**
 * An item's position while events fold: what they are compared with, and where they move it. One object serves all
 * items of a view in turn: {@link open} replaces what it holds.
 */
export class MovingPosition {
  private writer = "";
  /** The writer's own entry, nearly always the only one. */
  private readonly mine = newEntry();
  private hasMine = false;
  private others = NO_OTHERS;

  constructor(private readonly retentionMs: number) {}

  /** Takes an item's position; undefined where there is no item yet. */
  open(bytes: Uint8Array | undefined, writer: string): void {
    this.writer = writer;
    this.hasMine = false;
    this.others = NO_OTHERS;
    if (bytes === undefined) return;
    input.seek(bytes, 0, bytes.length);
    while (input.offset < input.end) {
      const name = readWriter();
      if (name === writer) {
        readEntry(this.mine);
        this.hasMine = true;
      } else this.others = [...this.others, { writer: name, entry: readEntry(newEntry()) }];
    }
  }

  /** Whether the writer's position is at or past a sequence number. */
  holds(sequenceNumber: string): boolean {
    if (!this.hasMine) return false;
    const { latest, stored, start, end } = this.mine;
    if (latest !== null) return compareSequenceNumbers(sequenceNumber, latest) <= 0;
    return isAtMost(sequenceNumber, stored, start, end);
  }

  /**
   * Moves the writer on. Other entries leave once the stream no longer holds anything of theirs that could be
   * delivered again.
   */
  advance(sequenceNumber: string, stampMs: number): void {
    const { mine, others } = this;
    mine.lastArrivalMs = this.hasMine ? Math.max(mine.lastArrivalMs, stampMs) : stampMs;
    mine.latest = sequenceNumber;
    this.hasMine = true;
    if (others.length === 0) return;
    this.others = others.filter(({ entry }) => stampMs <= entry.lastArrivalMs + this.retentionMs);
  }

  get lastArrivalMs(): number {
    let latest = this.hasMine ? this.mine.lastArrivalMs : Number.NEGATIVE_INFINITY;
    for (const { entry } of this.others) latest = Math.max(latest, entry.lastArrivalMs);
    return latest;
  }

  encode(): Uint8Array {
    const { writer, mine, others } = this;
    output.reset();
    let isWritten = !this.hasMine;
    for (const other of others) {
      if (!isWritten && writer < other.writer) {
        writeEntry(writer, mine);
        isWritten = true;
      }
      writeEntry(other.writer, other.entry);
    }
    if (!isWritten) writeEntry(writer, mine);
    return output.take();
  }
}

const output = new ByteWriter(16 * 1024);
const input = new ByteReader(new Uint8Array(0));

function writeEntry(writer: string, { latest, stored, start, end, lastArrivalMs }: Entry): void {
  writeWriter(writer);
  if (latest !== null) writeSequence(output, latest);
  else {
    output.varint(end - start);
    output.raw(stored, start, end);
  }
  output.signedVarint(lastArrivalMs);
}

/** Reads what follows an entry's writer. */
function readEntry(into: Entry): Entry {
  const length = input.varint();
  into.latest = null;
  into.stored = input.bytes;
  into.start = input.offset;
  input.skip(length);
  into.end = input.offset;
  into.lastArrivalMs = input.signedVarint();
  return into;
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

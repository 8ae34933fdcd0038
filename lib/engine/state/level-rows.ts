import type { ColumnKind } from "../aggregations/column-kind.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import type { Level, ViewPlan } from "../plan.ts";

const bodyWriter = new ByteWriter(4096);
const rowReader = new ByteReader(new Uint8Array(0));

/** Where a row that no bytes hold yet would start. */
const UNWRITTEN = -1;

/**
 * The rows of one level in tile order. A row stays as the bytes it was read from until something touches it;
 * a touched row's partials are decoded once, and encoded once when the image is written.
 * Reused between items: {@link read} replaces what it holds.
 */
export class LevelRows {
  private bytes: Uint8Array = new Uint8Array(0);
  /** Tile start divided by the hop; 0 for the lifetime row. */
  private tiles = new Float64Array(64);
  /** Where each row starts in `bytes`, where its partials do, and where it ends. */
  private starts = new Int32Array(64);
  private bodies = new Int32Array(64);
  private ends = new Int32Array(64);
  private readonly cells: (unknown[] | null)[] = [];
  private head = 0;
  private tail = 0;
  private readonly kinds: readonly ColumnKind[];

  constructor(
    readonly level: Level,
    plan: ViewPlan,
  ) {
    this.kinds = level.columns.map((column) => plan.columns[column]!.kind);
  }

  get size(): number {
    return this.tail - this.head;
  }

  get oldestTile(): number {
    return this.tiles[this.head]!;
  }

  clear(): void {
    this.head = 0;
    this.tail = 0;
  }

  tileOf(eventTimeMs: number): number {
    const { hopMs } = this.level;
    return hopMs === null ? 0 : Math.floor(eventTimeMs / hopMs);
  }

  tileStartMs(tile: number): number {
    const { hopMs } = this.level;
    return hopMs === null ? 0 : tile * hopMs;
  }

  /** The tile of the row at `index`, counted from the oldest. */
  tileAt(index: number): number {
    return this.tiles[this.head + index]!;
  }

  /** A reader at the stored partials of the row at `index`, counted from the oldest; good until the next call. */
  readerAt(index: number): ByteReader {
    const row = this.head + index;
    return rowReader.seek(this.bytes, this.bodies[row]!, this.ends[row]!);
  }

  /** The partials of a tile's row, to change in place; a new row of zeros when the tile has none. */
  touch(tile: number): unknown[] {
    const { tiles, head } = this;
    let index = this.tail;
    while (index > head && tiles[index - 1]! > tile) index--;
    if (index > head && tiles[index - 1] === tile) return this.decoded(index - 1);
    return this.insert(index, tile);
  }

  private insert(index: number, tile: number): unknown[] {
    this.reserve(this.tail + 1);
    const { tiles, starts, bodies, ends, cells, tail } = this;
    if (index < tail) {
      tiles.copyWithin(index + 1, index, tail);
      starts.copyWithin(index + 1, index, tail);
      bodies.copyWithin(index + 1, index, tail);
      ends.copyWithin(index + 1, index, tail);
      for (let i = tail; i > index; i--) cells[i] = cells[i - 1]!;
    }
    const zeros: unknown[] = [];
    for (const kind of this.kinds) zeros.push(kind.zero());
    tiles[index] = tile;
    starts[index] = UNWRITTEN;
    bodies[index] = UNWRITTEN;
    ends[index] = UNWRITTEN;
    cells[index] = zeros;
    this.tail = tail + 1;
    return zeros;
  }

  private reserve(rows: number): void {
    if (rows <= this.tiles.length) return;
    this.tiles = extended(this.tiles, new Float64Array(2 * rows));
    this.starts = extended(this.starts, new Int32Array(2 * rows));
    this.bodies = extended(this.bodies, new Int32Array(2 * rows));
    this.ends = extended(this.ends, new Int32Array(2 * rows));
  }

  /** Takes the oldest row out and answers its partials. */
  takeOldest(): unknown[] {
    const cells = this.decoded(this.head);
    this.head++;
    return cells;
  }

  dropOldest(): void {
    this.head++;
  }

  private decoded(index: number): unknown[] {
    const known = this.cells[index];
    if (known !== null && known !== undefined) return known;
    const { kinds } = this;
    const tileStartMs = this.tileStartMs(this.tiles[index]!);
    rowReader.seek(this.bytes, this.bodies[index]!, this.ends[index]!);
    const cells: unknown[] = [];
    for (let i = 0; i < kinds.length; i++) cells.push(kinds[i]!.decode(rowReader, tileStartMs));
    this.cells[index] = cells;
    return cells;
  }

  /** Row count; for each row its tile (the first against `newestTile`, the rest against the one before), length and partials. */
  write(writer: ByteWriter, newestTile: number): void {
    const { head, tail, cells, starts, bodies, ends, tiles } = this;
    writer.varint(tail - head);
    for (let index = head; index < tail; index++) {
      if (cells[index] === null) {
        // Rows that stood one after another and still do keep their bytes, tile numbers and all.
        if (index > head && ends[index - 1] === starts[index]) {
          const first = index;
          while (index + 1 < tail && cells[index + 1] === null && ends[index] === starts[index + 1]) index++;
          writer.raw(this.bytes, starts[first]!, ends[index]!);
          continue;
        }
        this.writeTile(writer, index, newestTile);
        writer.varint(ends[index]! - bodies[index]!);
        writer.raw(this.bytes, bodies[index]!, ends[index]!);
        continue;
      }
      this.writeTile(writer, index, newestTile);
      const { kinds } = this;
      const tileStartMs = this.tileStartMs(tiles[index]!);
      const row = cells[index]!;
      bodyWriter.reset();
      for (let i = 0; i < kinds.length; i++) kinds[i]!.encode(bodyWriter, row[i], tileStartMs);
      writer.section(bodyWriter);
    }
  }

  private writeTile(writer: ByteWriter, index: number, newestTile: number): void {
    if (this.level.hopMs === null) return;
    const { tiles } = this;
    writer.varint(index === this.head ? newestTile - tiles[index]! : tiles[index]! - tiles[index - 1]! - 1);
  }

  read(reader: ByteReader, newestTile: number): void {
    this.bytes = reader.bytes;
    const lifetime = this.level.hopMs === null;
    const count = reader.varint();
    // A row takes a byte at least: a count that the bytes cannot hold is not reserved for.
    this.reserve(Math.min(count, reader.end - reader.offset));
    const { tiles, starts, bodies, ends, cells } = this;
    this.head = 0;
    this.tail = count;
    let tile = newestTile;
    for (let index = 0; index < count; index++) {
      starts[index] = reader.offset;
      if (lifetime) tile = 0;
      else if (index === 0) tile = newestTile - reader.varint();
      else tile += 1 + reader.varint();
      const length = reader.varint();
      tiles[index] = tile;
      bodies[index] = reader.offset;
      reader.skip(length);
      ends[index] = reader.offset;
      cells[index] = null;
    }
  }
}

function extended<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

import { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { Level, ViewPlan } from "../plan.ts";
import { RowCells } from "./row-cells.ts";

const rowReader = new ByteReader(new Uint8Array(0));

/** The place of a row that still is the bytes it was read from. */
const UNTOUCHED = -1;

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
  /** Where each row's partials stand in `cells`. */
  private places = new Int32Array(64);
  readonly cells: RowCells;
  private head = 0;
  private tail = 0;

  constructor(
    readonly level: Level,
    plan: ViewPlan,
  ) {
    this.cells = new RowCells(level.columns.map((column) => plan.columns[column]!.kind));
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
    this.cells.clear();
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

  /** The place in {@link cells} of a tile's partials, to change; of a new row when the tile has none. */
  touch(tile: number): number {
    const { tiles, head } = this;
    let index = this.tail;
    while (index > head && tiles[index - 1]! > tile) index--;
    if (index > head && tiles[index - 1] === tile) return this.decoded(index - 1);
    return this.insert(index, tile);
  }

  private insert(index: number, tile: number): number {
    this.reserve(this.tail + 1);
    const { tiles, starts, bodies, ends, places, tail } = this;
    if (index < tail) {
      tiles.copyWithin(index + 1, index, tail);
      starts.copyWithin(index + 1, index, tail);
      bodies.copyWithin(index + 1, index, tail);
      ends.copyWithin(index + 1, index, tail);
      places.copyWithin(index + 1, index, tail);
    }
    const place = this.cells.create();
    tiles[index] = tile;
    starts[index] = UNWRITTEN;
    bodies[index] = UNWRITTEN;
    ends[index] = UNWRITTEN;
    places[index] = place;
    this.tail = tail + 1;
    return place;
  }

  private reserve(rows: number): void {
    if (rows <= this.tiles.length) return;
    this.tiles = extended(this.tiles, new Float64Array(2 * rows));
    this.starts = extended(this.starts, new Int32Array(2 * rows));
    this.bodies = extended(this.bodies, new Int32Array(2 * rows));
    this.ends = extended(this.ends, new Int32Array(2 * rows));
    this.places = extended(this.places, new Int32Array(2 * rows));
  }

  /** Takes the oldest row out and answers its partials' place, which the caller releases. */
  takeOldest(): number {
    const place = this.decoded(this.head);
    this.head++;
    return place;
  }

  dropOldest(): void {
    const place = this.places[this.head]!;
    if (place !== UNTOUCHED) this.cells.release(place);
    this.head++;
  }

  private decoded(index: number): number {
    const known = this.places[index]!;
    if (known !== UNTOUCHED) return known;
    rowReader.seek(this.bytes, this.bodies[index]!, this.ends[index]!);
    const place = this.cells.decode(rowReader, this.tileStartMs(this.tiles[index]!));
    this.places[index] = place;
    return place;
  }

  /** Row count; for each row its tile (the first against `newestTile`, the rest against the one before), length and partials. */
  write(writer: ByteWriter, newestTile: number): void {
    const { head, tail, places, starts, bodies, ends, tiles } = this;
    writer.varint(tail - head);
    for (let index = head; index < tail; index++) {
      const place = places[index]!;
      if (place !== UNTOUCHED) {
        this.writeTile(writer, index, newestTile);
        const body = writer.beginSection();
        this.cells.encode(writer, place, this.tileStartMs(tiles[index]!));
        writer.endSection(body);
      } else if (index > head && ends[index - 1] === starts[index]) {
        // Rows that stood one after another and still do keep their bytes, tile numbers and all.
        const first = index;
        while (index + 1 < tail && places[index + 1] === UNTOUCHED && ends[index] === starts[index + 1])
          index++;
        writer.raw(this.bytes, starts[first]!, ends[index]!);
      } else {
        this.writeTile(writer, index, newestTile);
        writer.varint(ends[index]! - bodies[index]!);
        writer.raw(this.bytes, bodies[index]!, ends[index]!);
      }
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
    const { tiles, starts, bodies, ends, places } = this;
    this.cells.clear();
    this.head = 0;
    this.tail = count;
    const { bytes, end } = reader;
    let at = reader.offset;
    let tile = newestTile;
    for (let index = 0; index < count; index++) {
      starts[index] = at;
      if (lifetime) tile = 0;
      else {
        // Nearly always one byte; past the end there is none, and the reader says so.
        let delta = bytes[at]!;
        if (delta < 128) at++;
        else {
          reader.offset = at;
          delta = reader.varint();
          at = reader.offset;
        }
        tile = index === 0 ? newestTile - delta : tile + 1 + delta;
      }
      let length = bytes[at]!;
      if (length < 128) at++;
      else {
        reader.offset = at;
        length = reader.varint();
        at = reader.offset;
      }
      tiles[index] = tile;
      bodies[index] = at;
      at += length;
      ends[index] = at;
      places[index] = UNTOUCHED;
      if (!(at <= end)) reader.refuse(`has a row that ends at byte ${at}, past its end at byte ${end}`);
    }
    reader.offset = at;
  }
}

function extended<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

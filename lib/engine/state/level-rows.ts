import type { ColumnKind } from "../aggregations/column-kind.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import type { Level, ViewPlan } from "../plan.ts";

const bodyWriter = new ByteWriter(4096);
const rowReader = new ByteReader(new Uint8Array(0));

/**
 * The rows of one level in tile order. A row stays as the bytes it was read from until something touches it;
 * a touched row's partials are decoded once, and encoded once when the image is written.
 * Reused between items: {@link read} replaces what it holds.
 */
export class LevelRows {
  private bytes: Uint8Array = new Uint8Array(0);
  /** Tile start divided by the hop; 0 for the lifetime row. */
  private tiles: number[] = [];
  private starts: number[] = [];
  private ends: number[] = [];
  private cells: (unknown[] | null)[] = [];
  private head = 0;
  private readonly kinds: readonly ColumnKind[];

  constructor(
    readonly level: Level,
    plan: ViewPlan,
  ) {
    this.kinds = level.columns.map((column) => plan.columns[column]!.kind);
  }

  get size(): number {
    return this.tiles.length - this.head;
  }

  get oldestTile(): number {
    return this.tiles[this.head]!;
  }

  clear(): void {
    this.tiles.length = 0;
    this.starts.length = 0;
    this.ends.length = 0;
    this.cells.length = 0;
    this.head = 0;
  }

  tileOf(eventTimeMs: number): number {
    const { hopMs } = this.level;
    return hopMs === null ? 0 : Math.floor(eventTimeMs / hopMs);
  }

  tileStartMs(tile: number): number {
    const { hopMs } = this.level;
    return hopMs === null ? 0 : tile * hopMs;
  }

  /** The partials of a tile's row, to change in place; a new row of zeros when the tile has none. */
  touch(tile: number): unknown[] {
    const { tiles, head } = this;
    let index = tiles.length;
    while (index > head && tiles[index - 1]! > tile) index--;
    if (index > head && tiles[index - 1] === tile) return this.decoded(index - 1);
    const cells = this.kinds.map((kind) => kind.zero());
    if (index === tiles.length) {
      tiles.push(tile);
      this.starts.push(0);
      this.ends.push(0);
      this.cells.push(cells);
    } else {
      tiles.splice(index, 0, tile);
      this.starts.splice(index, 0, 0);
      this.ends.splice(index, 0, 0);
      this.cells.splice(index, 0, cells);
    }
    return cells;
  }

  /** Takes the oldest row out and answers its partials. */
  takeOldest(): unknown[] {
    const cells = this.decoded(this.head);
    this.dropOldest();
    return cells;
  }

  dropOldest(): void {
    this.cells[this.head] = null;
    this.head++;
    if (this.head === this.tiles.length) this.clear();
  }

  private decoded(index: number): unknown[] {
    const known = this.cells[index];
    if (known !== null && known !== undefined) return known;
    const { kinds } = this;
    const tileStartMs = this.tileStartMs(this.tiles[index]!);
    rowReader.seek(this.bytes, this.starts[index]!, this.ends[index]!);
    const cells: unknown[] = new Array(kinds.length);
    for (let i = 0; i < kinds.length; i++) cells[i] = kinds[i]!.decode(rowReader, tileStartMs);
    this.cells[index] = cells;
    return cells;
  }

  /** Row count; for each row its tile (the first against `newestTile`, the rest against the one before), length and partials. */
  write(writer: ByteWriter, newestTile: number): void {
    const { tiles, head, kinds } = this;
    const lifetime = this.level.hopMs === null;
    writer.varint(tiles.length - head);
    for (let index = head; index < tiles.length; index++) {
      if (!lifetime) {
        writer.varint(index === head ? newestTile - tiles[index]! : tiles[index]! - tiles[index - 1]! - 1);
      }
      const cells = this.cells[index]!;
      if (cells === null) {
        const start = this.starts[index]!;
        const end = this.ends[index]!;
        writer.varint(end - start);
        writer.raw(this.bytes, start, end);
      } else {
        const tileStartMs = this.tileStartMs(tiles[index]!);
        bodyWriter.reset();
        for (let i = 0; i < kinds.length; i++) kinds[i]!.encode(bodyWriter, cells[i], tileStartMs);
        writer.section(bodyWriter);
      }
    }
  }

  read(reader: ByteReader, newestTile: number): void {
    this.clear();
    this.bytes = reader.bytes;
    const lifetime = this.level.hopMs === null;
    const count = reader.varint();
    let tile = newestTile;
    for (let index = 0; index < count; index++) {
      if (lifetime) tile = 0;
      else tile = index === 0 ? newestTile - reader.varint() : tile + 1 + reader.varint();
      const length = reader.varint();
      this.tiles.push(tile);
      this.starts.push(reader.offset);
      this.ends.push(reader.offset + length);
      this.cells.push(null);
      reader.skip(length);
    }
  }

  /** The tiles of all rows, in order. */
  tileNumbers(): readonly number[] {
    return this.tiles.slice(this.head);
  }

  /** A reader at the partials of the row at `index` of {@link tileNumbers}; good until the next call. */
  readerAt(index: number): ByteReader {
    const row = this.head + index;
    return rowReader.seek(this.bytes, this.starts[row]!, this.ends[row]!);
  }
}

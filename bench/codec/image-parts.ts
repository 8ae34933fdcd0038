import { ByteReader } from "../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../lib/engine/codec/byte-writer.ts";
import type { ViewPlan } from "../../lib/engine/plan.ts";
import { DedupRing } from "../../lib/engine/state/dedup-ring.ts";
import { readHeader, timeBase } from "../../lib/engine/state/image-header.ts";
import { LevelRows } from "../../lib/engine/state/level-rows.ts";

/** How many bytes of an image are what: header, event ids, each column's partials, and the rows' own times and lengths. */
export function imageParts(plan: ViewPlan, image: Uint8Array): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  const add = (part: string, bytes: number) => parts.set(part, (parts.get(part) ?? 0) + bytes);
  const reader = new ByteReader(image);
  const { newestMs } = readHeader(reader);
  add("header", reader.offset);
  const idsFrom = reader.offset;
  DedupRing.skip(reader);
  add("event ids", reader.offset - idsFrom);
  const writer = new ByteWriter(64 * 1024);
  for (const level of plan.levels) {
    const rowsFrom = reader.offset;
    const rows = new LevelRows(level, plan);
    rows.read(reader, rows.tileOf(timeBase(newestMs)));
    let inColumns = 0;
    for (let row = 0; row < rows.size; row++) {
      const startMs = rows.tileStartMs(rows.tileAt(row));
      const partials = rows.readerAt(row);
      for (const column of level.columns) {
        const { kind } = plan.columns[column]!;
        const partial = kind.decode(partials, startMs);
        writer.reset();
        kind.encode(writer, partial, startMs);
        const { length } = writer.take();
        add(`column ${columnName(plan, column)}`, length);
        inColumns += length;
      }
    }
    add("times and lengths of rows", reader.offset - rowsFrom - inColumns);
  }
  return parts;
}

function columnName(plan: ViewPlan, column: number): string {
  const { kind, where } = plan.columns[column]!;
  return where === null ? kind.id : `${kind.id} where`;
}

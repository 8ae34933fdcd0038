import { ByteReader } from "../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../lib/engine/codec/byte-writer.ts";
import { planView } from "../../lib/engine/plan.ts";
import { DedupRing } from "../../lib/engine/state/dedup-ring.ts";
import { EntityState } from "../../lib/engine/state/entity-state.ts";
import { readHeader, timeBase, writeHeader } from "../../lib/engine/state/image-header.ts";
import { LevelRows } from "../../lib/engine/state/level-rows.ts";
import { card } from "../workload/card-view.ts";

/** The two ways through an image. */
export interface ItemCodec {
  /** Decodes every partial of every row and encodes all of it: what a format without editing in place would do. */
  roundTrip(image: Uint8Array): Uint8Array;
  /** Opens an image to be edited and writes it: what a fold does around its events. */
  openAndWriteBack(image: Uint8Array): Uint8Array;
}

/** The engine's codec over the benchmark's view. */
export function createItemCodec(): ItemCodec {
  const plan = planView(card);
  const state = new EntityState(plan);
  const ring = new DedupRing(plan.view.dedup);
  const levels = plan.levels.map((level) => new LevelRows(level, plan));
  const writer = new ByteWriter(64 * 1024);
  const reader = new ByteReader(new Uint8Array(0));
  return {
    openAndWriteBack(image) {
      state.open(image);
      return state.encode();
    },
    roundTrip(image) {
      reader.seek(image, 0, image.length);
      const header = readHeader(reader);
      ring.read(reader);
      const baseMs = timeBase(header.newestMs);
      for (const rows of levels) {
        rows.read(reader, rows.tileOf(baseMs));
        // What is touched is decoded, and encoded anew.
        for (let row = 0; row < rows.size; row++) rows.touch(rows.tileAt(row));
      }
      reader.expectEnd();
      writer.reset();
      writeHeader(writer, header);
      ring.write(writer);
      for (const rows of levels) rows.write(writer, rows.tileOf(baseMs));
      return writer.take();
    },
  };
}

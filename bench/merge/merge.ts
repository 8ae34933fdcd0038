import { ByteReader } from "../../lib/engine/codec/byte-reader.ts";
import type { ViewPlan } from "../../lib/engine/plan.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import { DedupRing } from "../../lib/engine/state/dedup-ring.ts";
import { readHeader, timeBase } from "../../lib/engine/state/image-header.ts";
import { LevelRows } from "../../lib/engine/state/level-rows.ts";
import { cardEvents, FIRST_EVENT_MS } from "../workload/card-events.ts";
import { SHARD } from "../workload/delivered-records.ts";
import { foldCard } from "../workload/fold-card.ts";

const DAY_MS = 86_400_000;
/** Long enough that the longest window is full. */
const DAYS = 2;
/** As many different entities as are folded; more are read from these again, from bytes of their own. */
const DISTINCT_CARDS = 10;

/** A read of entities from their items' bytes. */
export interface Merge {
  /** Reads every feature of every entity; answers their sum, so that none can be left out. */
  readonly read: () => number;
  readonly images: number;
  readonly features: number;
  readonly tiles: number;
}

export function createMerge(
  plans: readonly ViewPlan[],
  { perDay, entities }: { readonly perDay: number; readonly entities: number },
): Merge {
  const items = Array.from({ length: entities }, (_, entity) =>
    plans.map((plan) => ({ plan, image: new Uint8Array(imageOf(plan, perDay, entity % DISTINCT_CARDS)) })),
  ).flat();
  const asOfMs = FIRST_EVENT_MS + DAYS * DAY_MS;
  return {
    images: items.length,
    features: items.reduce((sum, { plan }) => sum + plan.features.length, 0),
    tiles: items.reduce((sum, { plan, image }) => sum + tilesOf(plan, image), 0),
    read() {
      let sum = 0;
      for (const { plan, image } of items) {
        const { values } = readFeatures(plan, [{ writer: SHARD.writer, image }], asOfMs);
        for (const value of values) if (typeof value === "number") sum += value;
      }
      return sum;
    },
  };
}

const folded = new Map<string, Uint8Array>();

function imageOf(plan: ViewPlan, perDay: number, seed: number): Uint8Array {
  const name = `${plan.id} ${perDay} ${seed}`;
  const known = folded.get(name);
  if (known !== undefined) return known;
  const stepMs = DAY_MS / perDay;
  const events = cardEvents({ count: perDay * DAYS, keys: 1, distribution: "uniform", stepMs, seed });
  const { image } = foldCard(plan, events);
  folded.set(name, image);
  return image;
}

function tilesOf(plan: ViewPlan, image: Uint8Array): number {
  const reader = new ByteReader(image);
  const { newestMs } = readHeader(reader);
  DedupRing.skip(reader);
  let tiles = 0;
  for (const level of plan.levels) {
    const rows = new LevelRows(level, plan);
    rows.read(reader, rows.tileOf(timeBase(newestMs)));
    tiles += rows.size;
  }
  return tiles;
}

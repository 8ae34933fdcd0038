import { FreshetError } from "../define/error.ts";
import type { FeatureValue } from "../define/types.ts";
import type { Window } from "../define/window.ts";
import { ByteReader } from "./codec/byte-reader.ts";
import { LevelFeed, MergedPartials, type Slot, type TileRange } from "./merged-partials.ts";
import type { ViewPlan } from "./plan.ts";
import { DedupRing } from "./state/dedup-ring.ts";
import { expiresAtMs, type ItemCounts, NO_EVENT, readHeader, timeBase } from "./state/image-header.ts";
import { LevelRows } from "./state/level-rows.ts";
import { SessionRows } from "./state/session-rows.ts";

/** One item of an entity: its writer (the merge order within a tile) and its image. */
export interface ItemImage {
  readonly writer: string;
  readonly image: Uint8Array;
}

/** An entity's features at an as-of time. */
export interface ViewReading {
  /** False when no item exists, or all have expired: the entity was never seen (R7). */
  readonly known: boolean;
  /** `values[i]` is the value of `plan.features[i]`. */
  readonly values: readonly FeatureValue[];
}

/**
 * Reads a view's features for one entity from its items: one for a single-writer view, one a shard otherwise.
 * Tiles merge as a left fold in the order (tile start, writer), so the answer does not depend on the order of `items`.
 *
 * @throws FreshetError `AS_OF_TOO_OLD` when `asOfMs` is older than an item's newest event less the slack (R5).
 * @throws FreshetError `IMAGE_VERSION_UNKNOWN`, `IMAGE_CORRUPT` for an image that this release cannot read.
 * @example
 * ```ts
 * const { known, values } = readFeatures(plan, [{ writer, image }], Date.now());
 * ```
 */
export function readFeatures(plan: ViewPlan, items: readonly ItemImage[], asOfMs: number): ViewReading {
  const layout = layoutFor(plan);
  const live = openItems(plan, layout, items, asOfMs);
  const ranges = layout.windows.map((window) => rangeAt(window, asOfMs));
  const { merged } = layout;
  merged.clear();
  const [first] = live;
  if (live.length === 1) mergeOne(layout, first!, ranges);
  else if (live.length > 1) mergeMany(layout, live, ranges);
  for (const item of live) takeSessions(layout, item, asOfMs, ranges);

  const values: FeatureValue[] = [];
  for (let index = 0; index < plan.features.length; index++) {
    values.push(featureValue(layout, index, asOfMs, ranges));
  }
  return { known: live.length > 0, values };
}

function featureValue(
  { plan, slotsOfFeature, windowOfFeature, zeros, merged }: Layout,
  index: number,
  asOfMs: number,
  ranges: readonly TileRange[],
): FeatureValue {
  const { feature, aggregation } = plan.features[index]!;
  const slots = slotsOfFeature[index]!;
  const partials: unknown[] = [];
  for (let i = 0; i < slots.length; i++) partials.push(merged.partial(slots[i]!));
  const { whenEmpty, window } = feature;
  if (whenEmpty !== undefined && partials.every((partial, i) => Object.is(partial, zeros[index]![i]))) {
    return whenEmpty;
  }
  const { startMs, endMs } = ranges[windowOfFeature[index]!]!;
  return aggregation.result(partials, {
    parameters: feature.aggregation.parameters,
    asOfMs,
    window,
    startMs: startMs === Number.NEGATIVE_INFINITY ? null : startMs,
    endMs: Math.min(asOfMs, endMs),
  });
}

/** What an item says of itself, without its features. */
export interface ItemSummary {
  readonly counts: Readonly<ItemCounts>;
  readonly newestMs: number | null;
  readonly lastArrivalMs: number;
  readonly expiresAtMs: number | null;
}

/** An item's counts and times (R12, R15). */
export function summarizeItem(plan: ViewPlan, image: Uint8Array): ItemSummary {
  const { counts, newestMs, lastArrivalMs } = readHeader(new ByteReader(image));
  return {
    counts,
    newestMs: newestMs === NO_EVENT ? null : newestMs,
    lastArrivalMs,
    expiresAtMs: expiresAtMs({ counts, newestMs, lastArrivalMs }, plan.expiryMs),
  };
}

/** Finest first, and sessions, as in the plan. */
interface ItemRows {
  readonly levels: readonly LevelRows[];
  readonly sessions: readonly SessionRows[];
}

/** What a view's reads share: its windows, its slots, and which slots a row of each level may feed. */
export interface Layout {
  readonly plan: ViewPlan;
  readonly windows: readonly Window[];
  readonly windowOfFeature: readonly number[];
  readonly slots: readonly Slot[];
  readonly slotsOfFeature: readonly (readonly number[])[];
  /** `slotsOfColumn[column]`: the slots that take the column's partials. */
  readonly slotsOfColumn: readonly (readonly number[])[];
  /** The partials of each feature over an empty window. */
  readonly zeros: readonly (readonly unknown[])[];
  /** `sessionWindows[i]`: the window of the plan's i-th sessions. */
  readonly sessionWindows: readonly number[];
  /** What each level's rows are merged into, and how: reused between reads. */
  readonly merged: MergedPartials;
  readonly feeds: readonly LevelFeed[];
  /** Rows to read items into, by item, then level or sessions: a read holds them only until it answers. */
  readonly rows: ItemRows[];
}

const layouts = new WeakMap<ViewPlan, Layout>();

export function layoutFor(plan: ViewPlan): Layout {
  const known = layouts.get(plan);
  if (known !== undefined) return known;
  const windows: Window[] = [];
  const indexOfWindow = new Map<string, number>();
  const slots: Slot[] = [];
  const indexOfSlot = new Map<string, number>();
  const windowOfFeature = plan.features.map(({ feature }) => {
    const windowKey = JSON.stringify(feature.window);
    const window = indexOfWindow.get(windowKey) ?? windows.push(feature.window) - 1;
    indexOfWindow.set(windowKey, window);
    return window;
  });
  const slotsOfFeature = plan.features.map(({ columns }, index) => {
    const window = windowOfFeature[index]!;
    return columns.map((column) => {
      const slotKey = `${column}/${window}`;
      const slot = indexOfSlot.get(slotKey) ?? slots.push({ column, window }) - 1;
      indexOfSlot.set(slotKey, slot);
      return slot;
    });
  });
  const slotsOfColumn = plan.columns.map((_, column) =>
    slots.flatMap((slot, index) => (slot.column === column ? [index] : [])),
  );
  const layout: Layout = {
    plan,
    merged: new MergedPartials(slots.map(({ column }) => plan.columns[column]!.kind)),
    feeds: plan.levels.map((level) => new LevelFeed(plan, level, { slots, slotsOfColumn })),
    rows: [],
    sessionWindows: plan.sessions.map(({ gapMs, maxMs }) =>
      windows.findIndex(
        (window) => window.kind === "session" && window.gapMs === gapMs && window.maxMs === maxMs,
      ),
    ),
    windows,
    windowOfFeature,
    slots,
    slotsOfFeature,
    slotsOfColumn,
    zeros: plan.features.map(({ columns }) => columns.map((column) => plan.columns[column]!.kind.zero())),
  };
  layouts.set(plan, layout);
  return layout;
}

function rangeAt(window: Window, asOfMs: number): TileRange {
  if (window.kind === "lifetime")
    return { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
  // What a session covers is for the item to say.
  if (window.kind === "session") return { startMs: asOfMs, endMs: asOfMs };
  const { widthMs, hopMs } = window;
  const afterHead = (Math.floor(asOfMs / hopMs) + 1) * hopMs;
  if (window.kind === "sliding") {
    return { startMs: Math.floor((asOfMs - widthMs) / hopMs) * hopMs, endMs: afterHead };
  }
  if (window.kind === "hopping") {
    const endMs = Math.floor(asOfMs / window.slideMs) * window.slideMs;
    return { startMs: endMs - widthMs, endMs };
  }
  const currentStartMs = Math.floor(asOfMs / widthMs) * widthMs;
  return window.which === "current"
    ? { startMs: currentStartMs, endMs: afterHead }
    : { startMs: currentStartMs - widthMs, endMs: currentStartMs };
}

/** An item that has not expired, its rows ready to read. */
export interface OpenItem extends ItemRows {
  readonly writer: string;
  /** The newest event folded, epoch ms; null where there is none. */
  readonly newestMs: number | null;
}

/** Opens the items of an entity for one read at a time: their rows are reused by the next. Expired ones are left out. */
export function openItems(
  plan: ViewPlan,
  layout: Layout,
  items: readonly ItemImage[],
  asOfMs: number,
): OpenItem[] {
  const live: OpenItem[] = [];
  for (const { writer, image } of items) {
    const reader = new ByteReader(image);
    const header = readHeader(reader);
    const expires = expiresAtMs(header, plan.expiryMs);
    if (expires !== null && asOfMs > expires) continue;
    const { newestMs } = header;
    if (asOfMs < newestMs - plan.slackMs) {
      throw new FreshetError(
        "AS_OF_TOO_OLD",
        `view ${plan.id} was asked as of ${asOfMs}; an item's newest event is at ${newestMs}, and reads reach back ${plan.slackMs} ms from there.`,
      );
    }
    DedupRing.skip(reader);
    layout.rows[live.length] ??= {
      levels: plan.levels.map((level) => new LevelRows(level, plan)),
      sessions: plan.sessions.map((level) => new SessionRows(level, plan)),
    };
    const { levels, sessions } = layout.rows[live.length]!;
    const baseMs = timeBase(newestMs);
    for (const rows of levels) rows.read(reader, rows.tileOf(baseMs));
    for (const rows of sessions) rows.read(reader, baseMs);
    reader.expectEnd();
    live.push({ writer, newestMs: newestMs === NO_EVENT ? null : newestMs, levels, sessions });
  }
  return live;
}

/** Takes the sessions that the as-of time is in. Views that have sessions have one item an entity. */
function takeSessions(
  { plan, slots, slotsOfColumn, sessionWindows, merged }: Layout,
  item: OpenItem,
  asOfMs: number,
  ranges: TileRange[],
): void {
  for (const [index, rows] of item.sessions.entries()) {
    const session = rows.sessionAt(asOfMs);
    if (session === undefined) continue;
    const window = sessionWindows[index]!;
    ranges[window] = { startMs: session.firstMs, endMs: asOfMs };
    for (const [place, column] of plan.sessions[index]!.columns.entries()) {
      for (const slot of slotsOfColumn[column]!) {
        if (slots[slot]!.window === window) merged.merge(slot, rows.cells.partialAt(session.place, place));
      }
    }
  }
}

/** Within one item, coarse levels hold only what is older than the finer ones: coarse to fine is tile order. */
function mergeOne({ feeds, merged }: Layout, item: OpenItem, ranges: readonly TileRange[]): void {
  for (let level = item.levels.length - 1; level >= 0; level--) {
    const rows = item.levels[level]!;
    const feed = feeds[level]!;
    for (let row = 0; row < rows.size; row++) {
      const startMs = rows.tileStartMs(rows.tileAt(row));
      if (feed.moveTo(startMs, ranges)) merged.mergeRow(feed, rows.readerAt(row), startMs, 0);
    }
  }
}

function mergeMany(
  { feeds, merged }: Layout,
  items: readonly OpenItem[],
  ranges: readonly TileRange[],
): void {
  const ordered = [...items].sort((left, right) => (left.writer < right.writer ? -1 : 1));
  const rows = ordered.flatMap((item, order) =>
    item.levels.flatMap((level, index) =>
      Array.from({ length: level.size }, (_, row) => {
        const startMs = level.tileStartMs(level.tileAt(row));
        return { level: index, rows: level, row, startMs, order };
      }),
    ),
  );
  rows.sort(
    (left, right) => left.startMs - right.startMs || right.level - left.level || left.order - right.order,
  );
  for (const { level, rows: source, row, startMs, order } of rows) {
    const feed = feeds[level]!;
    if (feed.moveTo(startMs, ranges)) merged.mergeRow(feed, source.readerAt(row), startMs, order);
  }
}

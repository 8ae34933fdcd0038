import type { ViewPlan } from "./plan.ts";
import { MovingPosition } from "./position.ts";
import type { SourceEvent } from "./record.ts";
import { EntityState, type StateOutcome } from "./state/entity-state.ts";
import { addCounts, type ItemCounts, zeroCounts } from "./state/image-header.ts";

/** A record that would push an item's image past this many bytes is quarantined (R15); DynamoDB takes 400 KB. */
export const MAX_IMAGE_BYTES = 350 * 1024;

/** Below this no event can reach the limit, even one that makes every row of every level age out. */
const HEADROOM_BYTES = MAX_IMAGE_BYTES - 64 * 1024;

/** What became of one event in one view's item. `already-folded`: at or below the item's position. */
export type FoldOutcome = StateOutcome | "item-full" | "already-folded";

/** An item's two binary attributes: the canonical position and the state image. */
export interface ItemState {
  readonly position: Uint8Array;
  readonly image: Uint8Array;
}

export interface FoldResult {
  /** The item after the records; the same object when none moved it. */
  readonly item: ItemState | undefined;
  readonly changed: boolean;
  /** `outcomes[i]` is that of `events[i]`. */
  readonly outcomes: readonly FoldOutcome[];
  /** Counts that resets on expiry cleared (R15); null when none did. */
  readonly cleared: ItemCounts | null;
  /**
   * When DynamoDB may delete the item, epoch ms; null: never. The item's expiry, by the later of declared arrival and
   * Kinesis's own stamp, plus the stream's retention (R15).
   */
  readonly timeToLiveMs: number | null;
}

export interface FoldOptions {
  readonly plan: ViewPlan;
  /** Stream incarnation and shard, as `writerName` makes it. */
  readonly writer: string;
  /** The item as stored; undefined when there is none. */
  readonly item: ItemState | undefined;
  /** Events of this entity from this writer, in sequence order. */
  readonly events: readonly SourceEvent[];
}

/** What folds a view's items, one after the other. */
interface Folder {
  readonly state: EntityState;
  readonly size: SizeGuard;
}

const folders = new WeakMap<ViewPlan, Folder>();

function folderFor(plan: ViewPlan): Folder {
  let folder = folders.get(plan);
  if (folder === undefined) {
    const state = new EntityState(plan);
    folder = { state, size: new SizeGuard(plan, state) };
    folders.set(plan, folder);
  }
  return folder;
}

/**
 * Folds events of one entity, in sequence order, one at a time (R1): the one code that online, backfill and
 * training sets share (R8). The bytes it answers depend on the sequence of events alone, not on how calls split it.
 *
 * @throws FreshetError `IMAGE_VERSION_UNKNOWN`, `IMAGE_CORRUPT` for an image that this release cannot read.
 * @example
 * ```ts
 * const { item, outcomes } = foldEvents({ plan, writer, item: undefined, events });
 * ```
 */
export function foldEvents({ plan, writer, item, events }: FoldOptions): FoldResult {
  const { state, size } = folderFor(plan);
  const outcomes: FoldOutcome[] = new Array(events.length);
  const position = new MovingPosition(item?.position, writer, plan.view.source.retentionMs);
  let cleared: ItemCounts | null = null;
  let opened = false;
  let changed = false;

  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (position.holds(event.sequenceNumber)) {
      outcomes[i] = "already-folded";
      continue;
    }
    if (!opened) {
      state.open(item?.image);
      size.start(item?.image.length ?? 0);
      opened = true;
    }
    const before = size.mayOverflow() ? state.encode() : null;
    const clearedCounts = state.isExpiredAt(event.arrivalMs) ? { ...state.counts } : null;
    if (clearedCounts !== null) state.clear();
    const outcome = state.fold(event);
    if (before !== null && state.encode().length > MAX_IMAGE_BYTES) {
      state.open(before);
      outcomes[i] = "item-full";
      continue;
    }
    if (clearedCounts !== null) cleared = addCounts(cleared ?? zeroCounts(), clearedCounts);
    outcomes[i] = outcome;
    position.advance(event.sequenceNumber, Math.max(event.arrivalMs, event.approximateArrivalMs));
    changed = true;
  }

  const timeToLiveMs = opened ? timeToLive(plan, state, position.lastArrivalMs) : null;
  if (!changed) return { item, changed, outcomes, cleared, timeToLiveMs };
  const folded = { position: position.encode(), image: state.encode() };
  return { item: folded, changed, outcomes, cleared, timeToLiveMs };
}

function timeToLive(plan: ViewPlan, state: EntityState, lastStampMs: number): number | null {
  const expiresAtMs = state.expiresAtMs;
  if (expiresAtMs === null || plan.expiryMs === null) return null;
  return Math.max(expiresAtMs, lastStampMs + plan.expiryMs) + plan.view.source.retentionMs;
}

/**
 * Tells when an exact size is worth encoding for. The verdict itself is always the exact size after the record, so
 * that it is a function of the sequence alone; a record that cannot reach the limit needs none.
 */
class SizeGuard {
  private readonly eventGrowth: number;
  private readonly agedRowGrowth: number;
  private measured = 0;
  private events = 0;
  private agedRows = 0;

  constructor(
    plan: ViewPlan,
    private readonly state: EntityState,
  ) {
    this.agedRowGrowth = 16 + 9 * plan.columns.length;
    // Header numbers and one dedup entry, a new row at each level, and every column's growth or first cell.
    let growth = 64 + 16 * plan.levels.length;
    for (const { kind } of plan.columns)
      growth += 9 * plan.levels.length + (kind.maxGrowthBytes ?? kind.maxBytes);
    this.eventGrowth = growth;
  }

  /** Call for each item, once the state is open. */
  start(imageBytes: number): void {
    this.measured = imageBytes;
    this.events = 0;
    this.agedRows = this.state.agedRows;
  }

  /** Call before each event. */
  mayOverflow(): boolean {
    this.events++;
    if (!this.overflows()) return false;
    this.measured = this.state.encode().length;
    this.events = 1;
    this.agedRows = this.state.agedRows;
    return this.overflows();
  }

  private overflows(): boolean {
    const aged = this.state.agedRows - this.agedRows;
    return this.measured + this.events * this.eventGrowth + aged * this.agedRowGrowth > HEADROOM_BYTES;
  }
}

import { FreshetError } from "../define/error.ts";
import { FieldValues, fieldNames } from "./decode/field-values.ts";
import type { ViewPlan } from "./plan.ts";
import { compareSequenceNumbers, MovingPosition } from "./position.ts";
import type { SourceEvent } from "./record.ts";
import { EntityState, type StateOutcome } from "./state/entity-state.ts";
import { addCounts, type ItemCounts, zeroCounts } from "./state/image-header.ts";
import { ARRIVAL, type EventRange, STAMP, ViewEvents } from "./view-events.ts";

/** A record that would push an item's image past this many bytes is quarantined (R15); DynamoDB takes 400 KB. */
export const MAX_IMAGE_BYTES = 350 * 1024;

/** Why an event leaves the item as it was: it would not fit, or a `where` or value function of the definition threw. */
export type FoldRefusal = "item-full" | "function-threw";

/** What became of one event in one view's item. `already-folded`: at or below the item's position. */
export type FoldOutcome = StateOutcome | FoldRefusal | "already-folded";

/** An item's two binary attributes: the canonical position and the state image. */
export interface ItemState {
  readonly position: Uint8Array;
  readonly image: Uint8Array;
}

export interface FoldResult {
  /** The item after the records; the same object when none moved it. */
  readonly item: ItemState | undefined;
  readonly changed: boolean;
  /** `outcomes[i]` is that of the i-th event. */
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
  /** The events of a batch, as the view folds them. */
  readonly events: ViewEvents;
  /** Which of them are this entity's from this writer. */
  readonly range: EventRange;
}

/** What folds a view's items, one after the other. */
interface Folder {
  readonly position: MovingPosition;
  readonly state: EntityState;
  readonly size: SizeGuard;
  /** Where {@link foldEvents} puts its events, and the values of one. */
  scratch: ViewEvents;
  readonly values: FieldValues;
}

const folders = new WeakMap<ViewPlan, Folder>();

function folderFor(plan: ViewPlan): Folder {
  let folder = folders.get(plan);
  if (folder === undefined) {
    const state = new EntityState(plan);
    folder = {
      position: new MovingPosition(plan.view.source.retentionMs),
      state,
      size: new SizeGuard(plan, state),
      scratch: new ViewEvents(plan, 1),
      values: new FieldValues(fieldNames(plan.view.source)),
    };
    folders.set(plan, folder);
  }
  return folder;
}

/**
 * {@link foldBatch} of events that stand alone, for those who fold few: it answers what each function of the definition
 * threw too.
 *
 * @example
 * ```ts
 * const { item, outcomes } = foldEvents({ plan, writer, item: undefined, events });
 * ```
 */
export function foldEvents(
  options: Omit<FoldOptions, "events" | "range"> & { readonly events: readonly SourceEvent[] },
): FoldResult & { readonly thrown: ReadonlyMap<number, string> } {
  const { events: given } = options;
  const folder = folderFor(options.plan);
  if (folder.scratch.capacity < given.length) folder.scratch = new ViewEvents(options.plan, 2 * given.length);
  const { scratch: events, values } = folder;
  events.clear();
  given.forEach((event, index) => {
    const before = given[index - 1];
    if (before !== undefined && compareSequenceNumbers(before.sequenceNumber, event.sequenceNumber) >= 0) {
      throw new FreshetError(
        "STREAM_UNAVAILABLE",
        `events are folded in the order of their sequence numbers: ${event.sequenceNumber} came after ${before.sequenceNumber}.`,
      );
    }
    values.take(event.row);
    events.put(index, event, values);
  });
  const range = { order: Int32Array.from(given.keys()), from: 0, to: given.length };
  const result = foldBatch({ ...options, events, range });
  const thrown = new Map([...events.thrown].filter(([index]) => result.outcomes[index] === "function-threw"));
  return { ...result, thrown };
}

/**
 * Folds events of one entity, in sequence order, one at a time (R1): the one code that online, backfill and
 * training sets share (R8). The bytes it answers depend on the sequence of events alone, not on how calls split it.
 * An event that the item cannot hold, or on which a function of the definition throws, leaves it as it was (R12, R15).
 *
 * @throws FreshetError `IMAGE_VERSION_UNKNOWN`, `IMAGE_CORRUPT` for an image that this release cannot read.
 */
export function foldBatch({ plan, writer, item, events, range }: FoldOptions): FoldResult {
  const { order, from } = range;
  const count = range.to - from;
  const { state, size, position } = folderFor(plan);
  const outcomes = new Array<FoldOutcome>(count);
  position.open(item?.position, writer);
  let cleared: ItemCounts | null = null;
  let opened = false;
  let changed = false;
  // An image that is known to fit, and the first event folded since: what a refused event's state goes back to.
  let checkpoint = item?.image;
  let unchecked = 0;
  // Nearly always the whole batch is new, and what comes after a new event is.
  let isNew = events.lowestSequenceNumber !== null && !position.holds(events.lowestSequenceNumber);

  for (let i = 0; i < count; i++) {
    const index = order[from + i]!;
    const sequenceNumber = events.sequenceNumbers[index]!;
    isNew ||= !position.holds(sequenceNumber);
    if (!isNew) {
      outcomes[i] = "already-folded";
      continue;
    }
    if (!opened) {
      state.open(item?.image);
      size.start(item?.image.length ?? 0);
      opened = true;
    }
    const clearedCounts = clearExpired(state, events.numbers[index * events.stride + ARRIVAL]!);
    let outcome: StateOutcome | FoldRefusal = state.fold(events, index);
    if (outcome !== "function-threw" && size.mayExceed()) {
      const image = state.encode();
      if (image.length > MAX_IMAGE_BYTES) outcome = "item-full";
      else {
        checkpoint = image;
        unchecked = i + 1;
        size.start(image.length);
      }
    }
    outcomes[i] = outcome;
    if (outcome === "item-full" || outcome === "function-threw") {
      state.open(checkpoint);
      let refolded = false;
      for (let j = unchecked; j < i; j++) {
        if (!movesState(outcomes[j]!)) continue;
        const folded = order[from + j]!;
        clearExpired(state, events.numbers[folded * events.stride + ARRIVAL]!);
        state.fold(events, folded);
        refolded = true;
      }
      if (refolded) checkpoint = state.encode();
      unchecked = i + 1;
      size.start(checkpoint?.length ?? 0);
      continue;
    }
    if (clearedCounts !== null) cleared = addCounts(cleared ?? zeroCounts(), clearedCounts);
    position.advance(sequenceNumber, events.numbers[index * events.stride + STAMP]!);
    changed = true;
  }

  const timeToLiveMs = opened ? timeToLive(plan, state, position.lastArrivalMs) : null;
  const folded = changed ? { position: position.encode(), image: state.encode() } : item;
  return { item: folded, changed, outcomes, cleared, timeToLiveMs };
}

/** Clears a state that has expired by an arrival (R15), and answers the counts that went; null when none did. */
function clearExpired(state: EntityState, arrivalMs: number): ItemCounts | null {
  if (!state.isExpiredAt(arrivalMs)) return null;
  const counts = { ...state.counts };
  state.clear();
  return counts;
}

function movesState(outcome: FoldOutcome): boolean {
  return outcome !== "already-folded" && outcome !== "item-full" && outcome !== "function-threw";
}

function timeToLive(plan: ViewPlan, state: EntityState, lastStampMs: number): number | null {
  const expiresAtMs = state.expiresAtMs;
  if (expiresAtMs === null || plan.expiryMs === null) return null;
  return Math.max(expiresAtMs, lastStampMs + plan.expiryMs) + plan.view.source.retentionMs;
}

/**
 * Tells when an exact size is worth encoding for. The verdict itself is always the exact size after the record, so
 * that it is a function of the sequence alone; while the bound stays below the limit no record can have reached it.
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
    let columnGrowth = 0;
    for (const { kind } of plan.columns) columnGrowth += kind.maxGrowthBytes ?? kind.maxBytes;
    // A row that ages out may begin a coarse row, and lengthen each of its cells as an `add` would.
    this.agedRowGrowth = 16 + columnGrowth;
    // Header numbers and one dedup entry, a new row at each level, and every column's growth or first cell.
    this.eventGrowth = 64 + (16 + 9 * plan.columns.length) * plan.levels.length + columnGrowth;
    for (const { columns } of plan.sessions) {
      // Two times, a length and a count of a new session or one that grows, a time of its neighbour and of the newest.
      this.eventGrowth += 48 + 9 * columns.length;
      for (const column of columns) {
        const { kind } = plan.columns[column]!;
        // An event enters a session; one that it joins to the next starts at an earlier time, and merges.
        this.eventGrowth += 3 * (kind.maxGrowthBytes ?? kind.maxBytes);
      }
    }
  }

  /** Call when the image's size is known, the state being open. */
  start(imageBytes: number): void {
    this.measured = imageBytes;
    this.events = 0;
    this.agedRows = this.state.agedRows;
  }

  /** Call after each event: whether the image may be past the limit. */
  mayExceed(): boolean {
    this.events++;
    const aged = this.state.agedRows - this.agedRows;
    return this.measured + this.events * this.eventGrowth + aged * this.agedRowGrowth > MAX_IMAGE_BYTES;
  }
}

import { FreshetError } from "../define/error.ts";
import { type FoldOptions, type FoldOutcome, type FoldResult, foldEvents } from "../engine/fold.ts";
import type { SourceEvent } from "../engine/record.ts";
import { addCounts, type ItemCounts, zeroCounts } from "../engine/state/image-header.ts";

/** A fold in which an event may also have made a definition's function throw. */
export interface GuardedFold extends Omit<FoldResult, "outcomes"> {
  readonly outcomes: readonly (FoldOutcome | "function-threw")[];
  /** What was thrown, by event. */
  readonly thrown: ReadonlyMap<SourceEvent, string>;
}

const NOTHING_THROWN: ReadonlyMap<SourceEvent, string> = new Map();

/**
 * Folds events; one on which a `where` or value function of the definition throws is left out, as a record over the
 * size bound is, so that it can be quarantined and the shard moves on (R12). What throws depends on the row alone, so
 * the rest folds to the same bytes however the batch was cut.
 *
 * @throws FreshetError `IMAGE_VERSION_UNKNOWN`, `IMAGE_CORRUPT`
 */
export function foldGuarded(options: FoldOptions): GuardedFold {
  try {
    return { ...foldEvents(options), thrown: NOTHING_THROWN };
  } catch (error) {
    if (isUnreadableImage(error)) throw error;
    return foldOneByOne(options);
  }
}

function foldOneByOne(options: FoldOptions): GuardedFold {
  const outcomes: (FoldOutcome | "function-threw")[] = [];
  const thrown = new Map<SourceEvent, string>();
  let { item } = options;
  let changed = false;
  let cleared: ItemCounts | null = null;
  let timeToLiveMs: number | null = null;
  for (const event of options.events) {
    let result: FoldResult;
    try {
      result = foldEvents({ ...options, item, events: [event] });
    } catch (error) {
      if (isUnreadableImage(error)) throw error;
      outcomes.push("function-threw");
      thrown.set(event, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      continue;
    }
    outcomes.push(result.outcomes[0]!);
    if (!result.changed) continue;
    item = result.item;
    changed = true;
    timeToLiveMs = result.timeToLiveMs;
    if (result.cleared !== null) cleared = addCounts(cleared ?? zeroCounts(), result.cleared);
  }
  return { item, changed, outcomes, cleared, timeToLiveMs, thrown };
}

function isUnreadableImage(error: unknown): boolean {
  return (
    error instanceof FreshetError &&
    (error.code === "IMAGE_VERSION_UNKNOWN" || error.code === "IMAGE_CORRUPT")
  );
}

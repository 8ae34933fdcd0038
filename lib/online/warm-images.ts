import { LRUCache } from "lru-cache";
import type { ItemState } from "../engine/fold.ts";
import { ownBytes } from "./own-bytes.ts";
import type { ShardProgress } from "./progress.ts";

/** What a `Map` entry, an object and two typed arrays take beside their bytes, about. */
const OVERHEAD_BYTES = 400;

interface WarmItem extends ItemState {
  readonly epoch: number;
}

/** One view in one shard: which of its images are still to be trusted, and the progress they belong to. */
interface Scope {
  epoch: number;
  written: ShardProgress | null;
}

/**
 * Images kept between batches, so that a warm batch reads no items. Only a hint: every write is conditional on the
 * position, so a stale image costs a failed condition and no more.
 */
export class WarmImages {
  private readonly items: LRUCache<string, WarmItem>;
  private readonly scopes = new Map<string, Scope>();

  /** @param maxBytes - bound on what is kept, least recently used out first. */
  constructor(maxBytes = 64 * 1024 * 1024) {
    this.items = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (item, key) => OVERHEAD_BYTES + key.length + item.position.length + item.image.length,
    });
  }

  get bytes(): number {
    return this.items.calculatedSize;
  }

  /**
   * Lets go of the view's images in this shard unless its stored progress is the very one that this process tried to
   * write last: then no other process has finished a batch in between.
   */
  trustOnly(viewId: string, writer: string, stored: ShardProgress | undefined): boolean {
    const scope = this.scope(viewId, writer);
    const { written } = scope;
    if (
      written !== null &&
      stored !== undefined &&
      written.processId === stored.processId &&
      written.sequenceNumber === stored.sequenceNumber
    ) {
      return true;
    }
    scope.epoch++;
    scope.written = null;
    return false;
  }

  /** Notes the progress that was, or may have been, written for the images that are kept. */
  belongTo(viewId: string, writer: string, written: ShardProgress): void {
    this.scope(viewId, writer).written = written;
  }

  get(viewId: string, writer: string, pk: string): ItemState | undefined {
    const item = this.items.get(`${writer} ${pk}`);
    return item !== undefined && item.epoch === this.scope(viewId, writer).epoch ? item : undefined;
  }

  /** Keeps copies: bytes that an SDK answers may be views on a pooled buffer, and would pin it. */
  set(viewId: string, writer: string, pk: string, state: ItemState): void {
    this.items.set(`${writer} ${pk}`, {
      position: ownBytes(state.position),
      image: ownBytes(state.image),
      epoch: this.scope(viewId, writer).epoch,
    });
  }

  private scope(viewId: string, writer: string): Scope {
    const key = `${writer} ${viewId}`;
    let scope = this.scopes.get(key);
    if (scope === undefined) {
      scope = { epoch: 0, written: null };
      this.scopes.set(key, scope);
    }
    return scope;
  }
}

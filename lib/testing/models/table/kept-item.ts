import type { Item } from "./attribute.ts";

/** What stood under a key from one moment on; no item, where it had been deleted or never written. */
export interface Version {
  readonly item: Item | undefined;
  /** When the next version took its place, epoch ms. */
  readonly supersededMs: number;
}

/** An eventually consistent read of one key, and how stale it may be. */
export interface EventualRead {
  readonly table: string;
  readonly pk: string;
  /** When each older version was superseded, epoch ms, the latest first: as many as are kept. */
  readonly supersededMs: readonly number[];
}

/** How many versions behind the newest an eventually consistent read is; 0 for none. */
export type VersionsBehind = (read: EventualRead) => number;

/** More is no use: DynamoDB's replicas are behind by a moment, not by hours. */
const VERSIONS_KEPT = 8;

/** A key's item and what it was before. */
export class KeptItem {
  current: Item | undefined;
  /** The latest first. */
  readonly older: Version[] = [];

  replace(item: Item | undefined, nowMs: number): void {
    this.older.unshift({ item: this.current, supersededMs: nowMs });
    if (this.older.length > VERSIONS_KEPT) this.older.pop();
    this.current = item;
  }

  /** @throws RangeError when the version asked for is not kept. */
  behind(versions: number): Item | undefined {
    if (versions === 0) return this.current;
    const version = this.older[versions - 1];
    if (version === undefined) {
      throw new RangeError(`${versions} versions behind; ${this.older.length} older ones are kept.`);
    }
    return version.item;
  }
}

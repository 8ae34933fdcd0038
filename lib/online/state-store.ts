import type { CapacityMeter } from "./capacity-meter.ts";

/** An attribute as the store keeps it. */
export type ItemValue = string | number | boolean | Uint8Array;

/** An item: its key `pk` and its attributes. */
export interface StoredItem {
  readonly pk: string;
  readonly [attribute: string]: ItemValue;
}

/** What must hold for a write: every named attribute equals, or (null) is absent; or (null) no item of that key exists. */
export type Expected = Readonly<Record<string, ItemValue | null>> | null;

/**
 * How a conditional write ended. `unknown`: it may have been applied (a timeout, a 5xx); read before anything else.
 */
export type PutOutcome =
  | { readonly status: "written" }
  | { readonly status: "conflict"; readonly item: StoredItem | undefined }
  | { readonly status: "unknown"; readonly cause: unknown };

/** How to read items. */
export interface GetOptions {
  /** Strongly consistent, or eventual at half the price. */
  readonly consistent: boolean;
  /** Adds up what the reads cost. @default nothing is counted */
  readonly meter?: CapacityMeter | undefined;
}

/** How to write an item. */
export interface PutOptions {
  /** What must hold, else nothing is written. */
  readonly expected: Expected;
  /** Adds up what the write costs. @default nothing is counted */
  readonly meter?: CapacityMeter | undefined;
}

/** The one table, as the write loop and the reader need it: reads by name and single-item conditional writes. */
export interface StateStore {
  /**
   * The items of any number of keys; a key without an item is absent from the answer.
   *
   * @throws FreshetError `STORE_UNAVAILABLE` when retries are exhausted; nothing is answered then.
   */
  get(keys: readonly string[], options: GetOptions): Promise<ReadonlyMap<string, StoredItem>>;
  /**
   * Replaces an item whole, if `expected` holds. A conflict answers the item that stands now.
   *
   * @throws FreshetError `STORE_UNAVAILABLE` when the write was refused for good, so surely not applied.
   */
  put(item: StoredItem, options: PutOptions): Promise<PutOutcome>;
  /** Every item, in no order: for counts and audits, never on a request's path. */
  scan(options?: { readonly meter?: CapacityMeter }): AsyncIterable<StoredItem>;
}

/** A row of the stream `payments`. */
export type Payment = {
  readonly id: string;
  readonly account: string;
  readonly merchant: string;
  /** Whole, so that sums are exact in any order. */
  readonly cents: number;
  /** Epoch milliseconds: when it was made. */
  readonly at: number;
  /** Epoch milliseconds: when the gateway got it. */
  readonly arrivedAt: number;
};

/**
 * What must become of a record. `late`: too old for every window, so that only a lifetime takes it. `repeat`: put
 * before, under the same id. `future`, `garbled`: to be quarantined.
 */
export type Fate = "counts" | "repeat" | "late" | "future" | "garbled";

/** A record on its way into the stream. */
export interface Delivery {
  readonly fate: Fate;
  /** Of a garbled record, what it would have been. */
  readonly payment: Payment;
}

/** A row of the stream `clicks`. */
export type Click = {
  readonly id: string;
  readonly user: string;
  readonly page: string;
  /** ISO 8601: when the user clicked. */
  readonly at: string;
  /** ISO 8601: when the collector got it. */
  readonly arrivedAt: string;
};

/** A click on its way into the stream. */
export interface Delivery {
  readonly arrivedMs: number;
  readonly click: Click;
  /** Whether it was delivered before, under the same id. */
  readonly isRepeat: boolean;
}

import type { PriceList, PriceName } from "./price-list.ts";

/** What AWS bills by. */
export type CostService =
  | "Kinesis"
  | "Lambda"
  | "DynamoDB"
  | "Firehose"
  | "S3"
  | "CloudWatch"
  | "EventBridge Scheduler";

/** One thing that is paid for, for a month of 730 hours. */
export interface CostLine {
  readonly service: CostService;
  /** What for: `writes of items`. */
  readonly what: string;
  /** How much, in the price's unit. */
  readonly quantity: number;
  readonly price: PriceName;
  readonly usd: number;
}

/** Hours of a month, as AWS's own examples have it. */
export const MONTH_HOURS = 730;
export const MONTH_SECONDS = MONTH_HOURS * 3_600;
export const KB = 1_024;
export const MB = KB * KB;
export const GB = MB * KB;
export const MILLION = 1_000_000;

/** Makes lines of a price list's. */
export type Charge = (service: CostService, what: string, price: PriceName, quantity: number) => CostLine;

export function chargeBy({ prices }: PriceList): Charge {
  return (service, what, price, quantity) => ({
    service,
    what,
    quantity,
    price,
    usd: quantity * prices[price].usd,
  });
}

import type { FoldBatch } from "./batches.ts";

/** base64 and JSON.parse of a batch, and nothing else: what all others stand beside. */
export function bareParse({ records }: FoldBatch): number {
  let sum = 0;
  for (const { base64 } of records) {
    try {
      sum += JSON.parse(Buffer.from(base64, "base64").toString("utf8")).amount;
    } catch {
      sum--;
    }
  }
  return sum;
}

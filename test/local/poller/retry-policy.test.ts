import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventRecords, type EventRecord } from "../../../lib/local/poller/kinesis-event.ts";
import { type BatchPart, freshPart, partsAfterFailure } from "../../../lib/local/poller/retry-policy.ts";

const toEventRecord = createEventRecords({
  shardId: "shardId-000000000000",
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/orders",
});
const records = Array.from({ length: 40 }, (_, index) =>
  toEventRecord({
    SequenceNumber: String(1_000 + index),
    PartitionKey: "key",
    Data: Buffer.from("{}"),
    ApproximateArrivalTimestamp: new Date(0),
  }),
);
const indexOf = (record: EventRecord) => records.indexOf(record);

/** Hands parts to a handler that throws, or reports, when a part holds a bad record. */
function deliver(batch: readonly EventRecord[], bad: ReadonlySet<number>, reports: boolean, policy: Policy) {
  const handled: number[] = [];
  const discarded: number[] = [];
  const attempts = new Map<number, number>();
  let parts: readonly BatchPart[] = [freshPart(batch)];
  for (let [part, ...later] = parts; part !== undefined; [part, ...later] = parts) {
    for (const record of part.records)
      attempts.set(indexOf(record), (attempts.get(indexOf(record)) ?? 0) + 1);
    const firstBad = part.records.findIndex((record) => bad.has(indexOf(record)));
    if (firstBad === -1) {
      handled.push(...part.records.map(indexOf));
      parts = later;
      continue;
    }
    const finished = reports ? firstBad : 0;
    handled.push(...part.records.slice(0, finished).map(indexOf));
    const rest = partsAfterFailure(part, { finished, threw: !reports }, policy);
    if (rest === null) discarded.push(...part.records.slice(finished).map(indexOf));
    parts = [...(rest ?? []), ...later];
  }
  return { handled, discarded, attempts };
}

type Policy = Parameters<typeof partsAfterFailure>[2];

const worlds = fc.record({
  length: fc.integer({ min: 1, max: records.length }),
  bad: fc.uniqueArray(fc.nat(records.length - 1), { minLength: 1, maxLength: 5 }),
  reports: fc.boolean(),
  maximumRetryAttempts: fc.nat(3),
});

describe("what follows a failure", () => {
  it("with bisect, loses the bad records and no other, each tried as often as was asked for", () => {
    fc.assert(
      fc.property(worlds, ({ length, bad, reports, maximumRetryAttempts }) => {
        const policy = { bisectBatchOnFunctionError: true, maximumRetryAttempts };
        const batch = records.slice(0, length);
        const expected = bad.filter((index) => index < length).sort((left, right) => left - right);
        const { handled, discarded, attempts } = deliver(batch, new Set(bad), reports, policy);
        expect(discarded).toEqual(expected);
        expect(handled).toEqual(batch.map(indexOf).filter((index) => !expected.includes(index)));
        for (const index of expected) {
          expect(attempts.get(index)).toBeGreaterThan(maximumRetryAttempts);
          // Splits come on top: as many as halve the batch, and one at each bad record before.
          expect(attempts.get(index)).toBeLessThanOrEqual(maximumRetryAttempts + 8 + 2 * expected.length);
        }
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it("without bisect, keeps order and ends every record as handled or discarded", () => {
    fc.assert(
      fc.property(worlds, ({ length, bad, reports, maximumRetryAttempts }) => {
        const policy = { bisectBatchOnFunctionError: false, maximumRetryAttempts };
        const batch = records.slice(0, length);
        const { handled, discarded } = deliver(batch, new Set(bad), reports, policy);
        expect([...handled, ...discarded]).toEqual(batch.map(indexOf));
        const firstBad = batch.findIndex((_, index) => bad.includes(index));
        if (firstBad === -1) expect(discarded).toEqual([]);
        else expect(discarded.length).toBe(length - (reports ? firstBad : 0));
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

import type { KinesisStreamEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import type { InvocationRecord } from "../../../lib/local/poller/invocation-record.ts";
import type { PollerFailure } from "../../../lib/local/poller/poller-failure.ts";
import { numbered } from "../embedded-stream.ts";
import { createSimulatedStream, textsOf } from "./fixtures/simulated-stream.ts";

/** Fails every batch that holds one of the texts. */
const failOn =
  (batches: string[][], ...bad: readonly string[]) =>
  async (event: KinesisStreamEvent) => {
    const texts = textsOf(event);
    batches.push(texts);
    if (texts.some((text) => bad.includes(text))) throw new Error("bad record");
  };

describe("retries (AWS Lambda developer guide, kinesis-on-failure-destination)", () => {
  it("discards a batch after the retries that were asked for, tells the destination, and goes on", async () => {
    const stream = await createSimulatedStream();
    const putMs = stream.time.now();
    await stream.put(numbered(0, 5));
    const batches: string[][] = [];
    const told: { record: InvocationRecord; texts: string[] }[] = [];
    const runs: number[] = [];
    const mapping = await stream.start({
      handler: failOn(batches, "record 1"),
      batchSize: 3,
      maximumRetryAttempts: 2,
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:fold",
      onFailureDestination: (record, event) => void told.push({ record, texts: textsOf(event) }),
      onHandled: ({ count }) => runs.push(count),
      retryBackoffMs: { first: 100, max: 1_000 },
    });
    await stream.until(mapping.drained());
    expect(batches).toEqual([numbered(0, 3), numbered(0, 3), numbered(0, 3), numbered(3, 5)]);
    expect(told.map(({ texts }) => texts)).toEqual([numbered(0, 3)]);
    const { record } = told[0]!;
    expect(record).toEqual({
      requestContext: {
        requestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:fold",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 3,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: new Date(putMs + 300).toISOString(),
      KinesisBatchInfo: {
        shardId: "shardId-000000000000",
        startSequenceNumber: expect.stringMatching(/^\d{56}$/),
        endSequenceNumber: expect.stringMatching(/^\d{56}$/),
        approximateArrivalOfFirstRecord: new Date(putMs).toISOString(),
        approximateArrivalOfLastRecord: new Date(putMs).toISOString(),
        batchSize: 3,
        streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/orders",
      },
    });
    expect(runs).toEqual([3, 2]);
    expect(mapping.stats()[0]).toMatchObject({ read: 5, handled: 2, discarded: 3, failedInvocations: 3 });
    await stream.until(mapping.stop());
  });

  it("keeps trying without limit by default", async () => {
    const stream = await createSimulatedStream();
    await stream.put(["bad"]);
    const batches: string[][] = [];
    const told: InvocationRecord[] = [];
    const mapping = await stream.start({
      handler: failOn(batches, "bad"),
      retryBackoffMs: { first: 1_000, max: 60_000 },
      onFailureDestination: (record) => void told.push(record),
    });
    await stream.pass(600 * 60_000);
    expect(batches.length).toBeGreaterThan(600);
    expect(told).toEqual([]);
    await stream.until(mapping.stop());
  });

  it("gives the records behind a partial success their retries anew", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 4));
    const batches: string[][] = [];
    const told: InvocationRecord[] = [];
    const mapping = await stream.start({
      // One record further at each invocation: never the same record twice.
      handler: async (event) => {
        batches.push(textsOf(event));
        const next = event.Records[1];
        return next && { batchItemFailures: [{ itemIdentifier: next.kinesis.sequenceNumber }] };
      },
      maximumRetryAttempts: 1,
      onFailureDestination: (record) => void told.push(record),
    });
    await stream.until(mapping.drained());
    expect(batches.map(({ length }) => length)).toEqual([4, 3, 2, 1]);
    expect(told).toEqual([]);
    await stream.until(mapping.stop());
  });

  it("names no function error for a batch that the function reported, not threw", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 3));
    const told: InvocationRecord[] = [];
    const mapping = await stream.start({
      handler: async (event) => ({
        batchItemFailures: [{ itemIdentifier: event.Records.at(-1)!.kinesis.sequenceNumber }],
      }),
      maximumRetryAttempts: 0,
      onFailureDestination: (record) => void told.push(record),
    });
    await stream.until(mapping.drained());
    expect(told).toMatchObject([
      {
        requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 1 },
        responseContext: { functionError: null },
        KinesisBatchInfo: { batchSize: 1 },
      },
    ]);
    expect(mapping.stats()[0]).toMatchObject({ handled: 2, discarded: 1 });
    await stream.until(mapping.stop());
  });

  it("goes by what the function throws alone where it does not report failed records", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 3));
    const batches: string[][] = [];
    const mapping = await stream.start({
      handler: async (event) => {
        batches.push(textsOf(event));
        return { batchItemFailures: [{ itemIdentifier: event.Records[0]!.kinesis.sequenceNumber }] };
      },
      reportBatchItemFailures: false,
    });
    await stream.until(mapping.drained());
    expect(batches).toEqual([numbered(0, 3)]);
    await stream.until(mapping.stop());
  });

  it("tells of a destination that takes nothing, and goes on as Lambda does", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 2));
    const failures: PollerFailure[] = [];
    const mapping = await stream.start({
      handler: failOn([], "record 0"),
      batchSize: 1,
      maximumRetryAttempts: 0,
      onFailureDestination: async () => {
        throw new Error("no such queue");
      },
      onFailure: (failure) => failures.push(failure),
    });
    await stream.until(mapping.drained());
    expect(failures).toMatchObject([
      { during: "destination", retryInMs: null, error: { message: "no such queue" } },
    ]);
    expect(mapping.stats()[0]).toMatchObject({ handled: 1, discarded: 1 });
    await stream.until(mapping.stop());
  });

  it("goes on when a checkpoint cannot be kept, and tells", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 2));
    const failures: PollerFailure[] = [];
    const mapping = await stream.start({
      handler: async () => {},
      checkpoints: {
        after: () => undefined,
        advance: async () => {
          throw new Error("no disk");
        },
      },
      onFailure: (failure) => failures.push(failure),
    });
    await stream.until(mapping.drained());
    expect(failures).toMatchObject([{ during: "checkpoint", retryInMs: null }]);
    await stream.until(mapping.stop());
  });
});

describe("bisect (AWS Lambda developer guide, kinesis-on-failure-destination and services-kinesis-batchfailurereporting)", () => {
  it("splits a failing batch down to the bad record, and discards that alone", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 8));
    const batches: string[][] = [];
    const lost: string[][] = [];
    const mapping = await stream.start({
      handler: failOn(batches, "record 5"),
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 1,
      onFailureDestination: (_, event) => void lost.push(textsOf(event)),
    });
    await stream.until(mapping.drained());
    expect(batches).toEqual([
      numbered(0, 8),
      numbered(0, 4),
      numbered(4, 8),
      numbered(4, 6),
      numbered(4, 5),
      numbered(5, 6),
      numbered(5, 6),
      numbered(6, 8),
    ]);
    expect(lost).toEqual([["record 5"]]);
    expect(mapping.stats()[0]).toMatchObject({ handled: 7, discarded: 1 });
    await stream.until(mapping.stop());
  });

  it("splits at the reported record, and tries only what follows", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 8));
    const batches: string[][] = [];
    const lost: string[][] = [];
    const mapping = await stream.start({
      handler: async (event) => {
        const texts = textsOf(event);
        batches.push(texts);
        const bad = texts.indexOf("record 5");
        return {
          batchItemFailures: bad < 0 ? [] : [{ itemIdentifier: event.Records[bad]!.kinesis.sequenceNumber }],
        };
      },
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 0,
      onFailureDestination: (_, event) => void lost.push(textsOf(event)),
    });
    await stream.until(mapping.drained());
    expect(batches).toEqual([
      numbered(0, 8),
      numbered(5, 8),
      // Reported at its first record it is halved like any failure, so that the bad one ends up alone.
      numbered(5, 7),
      numbered(5, 6),
      numbered(6, 7),
      numbered(7, 8),
    ]);
    expect(lost).toEqual([["record 5"]]);
    await stream.until(mapping.stop());
  });
});

describe("record age (AWS Lambda developer guide, services-kinesis-parameters)", () => {
  it("discards records that are too old before they are handed on at all, and none that is younger", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 2));
    await stream.pass(50_000);
    await stream.put(numbered(2, 4));
    await stream.pass(20_000);
    const batches: string[][] = [];
    const told: InvocationRecord[] = [];
    const mapping = await stream.start({
      handler: failOn(batches),
      maximumRecordAgeInSeconds: 60,
      onFailureDestination: (record) => void told.push(record),
    });
    await stream.until(mapping.drained());
    expect(batches).toEqual([numbered(2, 4)]);
    expect(told).toMatchObject([
      {
        requestContext: { condition: "RecordAgeExceeded", approximateInvokeCount: 0 },
        KinesisBatchInfo: { batchSize: 2 },
      },
    ]);
    expect(told[0]).not.toHaveProperty("responseContext");
    await stream.until(mapping.stop());
  });

  it("gives up a failing batch record by record as each grows too old", async () => {
    const stream = await createSimulatedStream();
    await stream.put(["old"]);
    await stream.pass(30_000);
    await stream.put(["young"]);
    const told: { atMs: number; record: InvocationRecord; texts: string[] }[] = [];
    const startMs = stream.time.now();
    const mapping = await stream.start({
      handler: async () => {
        throw new Error("the table is away");
      },
      maximumRecordAgeInSeconds: 60,
      retryBackoffMs: { first: 1_000, max: 1_000 },
      onFailureDestination: (record, event) =>
        void told.push({ atMs: stream.time.now(), record, texts: textsOf(event) }),
    });
    await stream.until(mapping.drained());
    expect(told).toMatchObject([
      {
        texts: ["old"],
        atMs: startMs + 31_000,
        record: {
          requestContext: { condition: "RecordAgeExceeded" },
          responseContext: { functionError: "Unhandled" },
        },
      },
      { texts: ["young"], atMs: startMs + 61_000 },
    ]);
    await stream.until(mapping.stop());
  });
});

describe("time", () => {
  it("waits by the injected timer alone", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 1));
    const atMs: number[] = [];
    const startMs = stream.time.now();
    let failing = 4;
    const mapping = await stream.start({
      handler: async () => {
        atMs.push(stream.time.now() - startMs);
        if (failing-- > 0) throw new Error("away");
      },
      batchingWindowMs: 300_000,
      retryBackoffMs: { first: 100, max: 350 },
      idleBackoffMs: { first: 1_000, max: 8_000 },
    });
    await stream.pass(400_000);
    expect(atMs).toEqual([300_000, 300_100, 300_300, 300_650, 301_000]);
    await stream.until(mapping.stop());
  });
});

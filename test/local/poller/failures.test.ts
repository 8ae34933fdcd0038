import { describe, expect, it } from "vitest";
import type { PollerFailure } from "../../../lib/local/poller/poller-failure.ts";
import { numbered } from "../embedded-stream.ts";
import { textsOf, useMappings } from "./fixtures/use-mappings.ts";

const mappings = useMappings();

describe("failures", () => {
  it("tries again from the lowest failed record on, and nothing before it", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 10));
    const batches: string[][] = [];
    const failures: PollerFailure[] = [];
    const started = await mappings.start(
      stream,
      async (event) => {
        batches.push(textsOf(event));
        if (batches.length > 1) return { batchItemFailures: [] };
        // Out of order on purpose: the lowest counts.
        return {
          batchItemFailures: [8, 4, 6].map((index) => ({
            itemIdentifier: event.Records[index]!.kinesis.sequenceNumber,
          })),
        };
      },
      { onFailure: (failure) => failures.push(failure) },
    );
    await started.drained();
    expect(batches).toEqual([numbered(0, 10), numbered(4, 10)]);
    expect(failures).toMatchObject([
      { during: "handler", error: null, attempt: 1, shardId: "shardId-000000000000" },
    ]);
    expect(started.stats()).toEqual([
      {
        shardId: "shardId-000000000000",
        read: 10,
        handled: 10,
        discarded: 0,
        invocations: 2,
        failedInvocations: 1,
      },
    ]);
  });

  it.each([
    ["an identifier of no record of the batch", [{ itemIdentifier: "12345" }]],
    ["an empty identifier", [{ itemIdentifier: "" }]],
    ["a key of another name", [{ sequenceNumber: "1" } as unknown as { itemIdentifier: string }]],
  ])("fails the whole batch for %s", async (_, batchItemFailures) => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 3));
    const batches: string[][] = [];
    const started = await mappings.start(stream, async (event) => {
      batches.push(textsOf(event));
      return batches.length === 1 ? { batchItemFailures } : null;
    });
    await started.drained();
    expect(batches).toEqual([numbered(0, 3), numbered(0, 3)]);
  });

  it("tries a throwing handler again without limit, with backoff, and holds the shard meanwhile", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 6));
    const batches: string[][] = [];
    const failures: PollerFailure[] = [];
    const started = await mappings.start(
      stream,
      async (event) => {
        batches.push(textsOf(event));
        if (batches.length <= 5) throw new Error("the table is away");
      },
      { batchSize: 3, onFailure: (failure) => failures.push(failure) },
    );
    await started.drained();
    expect(batches).toEqual([...Array.from({ length: 6 }, () => numbered(0, 3)), numbered(3, 6)]);
    expect(failures.map(({ retryInMs }) => retryInMs)).toEqual([5, 10, 20, 20, 20]);
    expect(failures.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    expect(failures[0]!.error).toMatchObject({ message: "the table is away" });
  });

  it("does not call a batch drained before its last record has succeeded", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 4));
    let deliveries = 0;
    let drainedAfter = 0;
    const started = await mappings.start(stream, async (event) => {
      deliveries += 1;
      const last = event.Records.at(-1)!.kinesis.sequenceNumber;
      return deliveries < 6 ? { batchItemFailures: [{ itemIdentifier: last }] } : null;
    });
    await started.drained().then(() => {
      drainedAfter = deliveries;
    });
    expect(drainedAfter).toBe(6);
    expect(started.stats()[0]).toMatchObject({ read: 4, handled: 4 });
  });

  it("says that it was stopped to whoever waits for a drain", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(["never"]);
    let deliveries = 0;
    const started = await mappings.start(stream, async () => {
      deliveries += 1;
      throw new Error("always");
    });
    const draining = started.drained();
    await expect.poll(() => deliveries, { timeout: 60_000 }).toBeGreaterThan(2);
    await Promise.all([
      expect(draining).rejects.toMatchObject({ code: "STREAM_UNAVAILABLE" }),
      started.stop(),
    ]);
  });

  it("tells of a stream that cannot be read, and reads on when it can", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 2));
    const { kinesis } = mappings.embedded;
    let broken = true;
    const flaky = new Proxy(kinesis, {
      get(target, name) {
        if (name !== "send") return Reflect.get(target, name);
        return (command: { constructor: { name: string } }) => {
          if (broken && command.constructor.name === "GetRecordsCommand")
            return Promise.reject(new Error("no route"));
          return target.send(command as never);
        };
      },
    });
    const failures: PollerFailure[] = [];
    const texts: string[] = [];
    const started = await mappings.start(stream, async (event) => void texts.push(...textsOf(event)), {
      kinesis: flaky,
      onFailure: (failure) => failures.push(failure),
    });
    await expect.poll(() => failures.length, { timeout: 2_000 }).toBeGreaterThan(1);
    expect(failures[0]).toMatchObject({ during: "read", sequenceNumber: null, attempt: 1 });
    broken = false;
    await started.drained();
    expect(texts).toEqual(numbered(0, 2));
  });
});

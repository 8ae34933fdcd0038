import type { KinesisClient, PutRecordsCommandInput, PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PutError } from "../../lib/client/put/put-error.ts";
import { type PutInOrderOptions, putInOrder } from "../../lib/client/put/put-in-order.ts";

const MEBIBYTE = 1024 * 1024;

/** A Kinesis that refuses single records as told, and keeps what it took and what it was asked. */
function stubKinesis(refuses: (requestIndex: number, recordIndex: number) => boolean) {
  const requests: PutRecordsRequestEntry[][] = [];
  const taken: PutRecordsRequestEntry[] = [];
  const send = async ({ input }: { input: PutRecordsCommandInput }) => {
    const request = requests.length;
    requests.push(input.Records!);
    const Records = input.Records!.map((record, index) => {
      if (refuses(request, index)) {
        return { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "Rate exceeded" };
      }
      taken.push(record);
      return { ShardId: "shardId-000000000000", SequenceNumber: String(taken.length) };
    });
    return { FailedRecordCount: Records.filter((result) => "ErrorCode" in result).length, Records };
  };
  return { kinesis: { send } as unknown as KinesisClient, requests, taken };
}

const record = (key: string, text: string): PutRecordsRequestEntry => ({
  PartitionKey: key,
  Data: Buffer.from(text),
});
const textsByKey = (records: readonly PutRecordsRequestEntry[]) => {
  const texts: Record<string, string[]> = {};
  for (const { PartitionKey, Data } of records) {
    texts[PartitionKey!] = [...(texts[PartitionKey!] ?? []), Buffer.from(Data!).toString()];
  }
  return texts;
};
const put = (
  kinesis: KinesisClient,
  records: PutRecordsRequestEntry[],
  options: Partial<PutInOrderOptions> = {},
) =>
  putInOrder({
    kinesis,
    streamName: "orders",
    records,
    refusesSingleRecords: true,
    maxAttempts: 3,
    ...options,
  });

describe("a server that refuses single records", () => {
  it("gets each record once and each key in order, whichever records it refuses", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        async (keys, refusals) => {
          const records = keys.map((key, index) => record(key, `${key}${index}`));
          // The first try of a request is refused in places, the next is taken: no wait grows long.
          let even = 0;
          const stub = stubKinesis((request, index) => request % 2 === 0 && refusals[(even++ + index) % 40]!);
          await put(stub.kinesis, records);
          expect(textsByKey(stub.taken)).toEqual(textsByKey(records));
        },
      ),
      { numRuns: 15 },
    );
  });

  it("is never sent two records of one key in one request", async () => {
    const stub = stubKinesis(() => false);
    const records = Array.from({ length: 90 }, (_, index) => record(`key ${index % 7}`, String(index)));
    await put(stub.kinesis, records);
    for (const request of stub.requests) {
      expect(new Set(request.map(({ PartitionKey }) => PartitionKey)).size).toBe(request.length);
    }
    expect(stub.requests.length).toBe(Math.ceil(90 / 7));
  });

  it("is asked again only for what it refused", async () => {
    const stub = stubKinesis((request, index) => request === 0 && index === 1);
    await put(stub.kinesis, [record("a", "1"), record("b", "2"), record("c", "3")]);
    expect(stub.requests.map((request) => request.map(({ PartitionKey }) => PartitionKey))).toEqual([
      ["a", "b", "c"],
      ["b"],
    ]);
  });

  it("ends the put with the reason when it goes on refusing", async () => {
    const stub = stubKinesis(() => true);
    await expect(put(stub.kinesis, [record("a", "1"), record("a", "2")])).rejects.toMatchObject({
      code: "STREAM_UNAVAILABLE",
      message: expect.stringContaining("ProvisionedThroughputExceededException: Rate exceeded"),
    });
    expect(stub.requests.length).toBe(3);
    expect(stub.taken).toEqual([]);
  });

  it("may refuse a request in part as often as it likes: attempts count those refused whole in a row", async () => {
    const records = [record("a", "1"), record("b", "2"), record("c", "3")];
    const once = stubKinesis((request, index) => request < 2 && index > 0);
    expect(await put(once.kinesis, records, { maxAttempts: 1 })).toMatchObject({ requests: 3 });
    expect(textsByKey(once.taken)).toEqual(textsByKey(records));
    // Whole, in part, whole, taken: never two in a row.
    const again = stubKinesis(
      (request, index) => request === 0 || request === 2 || (request === 1 && index > 0),
    );
    expect(await put(again.kinesis, records, { maxAttempts: 2 })).toMatchObject({ requests: 4 });
    // In part, whole, whole.
    const twice = stubKinesis((request, index) => request > 0 || index > 0);
    await expect(put(twice.kinesis, records, { maxAttempts: 2 })).rejects.toMatchObject({ notPut: [1, 2] });
    expect(twice.requests.length).toBe(3);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "is not asked %d times",
    async (maxAttempts) => {
      const stub = stubKinesis(() => false);
      await expect(put(stub.kinesis, [record("a", "1")], { maxAttempts })).rejects.toMatchObject({
        code: "OPTION_INVALID",
        message: expect.stringContaining(`maxAttempts is ${maxAttempts};`),
      });
      expect(stub.requests).toEqual([]);
    },
  );

  it.each([
    ["no record", {}, "none of the 3", [0, 1, 2, 3]],
    ["fewer records", { Records: [{ SequenceNumber: "1" }] }, "1 of the 3", [0, 1, 2, 3]],
    ["more records", { Records: Array(4).fill({ SequenceNumber: "1" }) }, "4 of the 3", [0, 1, 2, 3]],
    [
      "neither yes nor no",
      { Records: [{ SequenceNumber: "1" }, {}, { ErrorCode: "InternalFailure" }] },
      "1 of the 3",
      [1, 2, 3],
    ],
  ])("has not taken what it answers %s of", async (_, answer, message, notPut) => {
    const kinesis = { send: async () => answer } as unknown as KinesisClient;
    const records = [record("a", "1"), record("b", "2"), record("c", "3"), record("a", "4")];
    const failed = put(kinesis, records);
    await expect(failed).rejects.toBeInstanceOf(PutError);
    await expect(failed).rejects.toMatchObject({
      code: "STREAM_UNAVAILABLE",
      message: expect.stringContaining(message),
      notPut,
    });
  });
});

describe("requests", () => {
  it("hold at most 500 records", async () => {
    const stub = stubKinesis(() => false);
    const records = Array.from({ length: 1_201 }, (_, index) => record(`key ${index}`, "x"));
    await put(stub.kinesis, records);
    expect(stub.requests.map(({ length }) => length)).toEqual([500, 500, 201]);
  });

  it("hold at most 5 MiB, keys included", async () => {
    const stub = stubKinesis(() => false);
    const records = Array.from({ length: 11 }, (_, index) => record(`k${index}`, "x".repeat(MEBIBYTE - 2)));
    await put(stub.kinesis, records);
    expect(stub.requests.map(({ length }) => length)).toEqual([5, 5, 1]);
  });

  it("count the bytes of keys, not their characters", async () => {
    const stub = stubKinesis(() => false);
    // 50 characters and 100 bytes, which five do not fit with.
    const records = Array.from({ length: 9 }, (_, index) =>
      record(`${index}${"é".repeat(50)}`, "x".repeat(MEBIBYTE - 60)),
    );
    await put(stub.kinesis, records);
    expect(stub.requests.map(({ length }) => length)).toEqual([4, 4, 1]);
  });

  it("repeat a key when the server takes a request whole or not at all", async () => {
    const stub = stubKinesis(() => false);
    const records = Array.from({ length: 700 }, (_, index) => record("one", String(index)));
    await put(stub.kinesis, records, { refusesSingleRecords: false });
    expect(stub.requests.map(({ length }) => length)).toEqual([500, 200]);
    expect(stub.taken).toEqual(records);
  });

  it("fail when a server said to take requests whole refuses a single record", async () => {
    const stub = stubKinesis((_, index) => index === 1);
    const records = [record("a", "1"), record("a", "2")];
    await expect(put(stub.kinesis, records, { refusesSingleRecords: false })).rejects.toMatchObject({
      code: "STREAM_UNAVAILABLE",
    });
    expect(stub.requests.length).toBe(1);
  });
});

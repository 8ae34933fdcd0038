import { createHash } from "node:crypto";
import { PutRecordCommand, PutRecordsCommand, type PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { kinesisApi, kinesisPages } from "../aws-pages.ts";
import { type Check, outcome } from "../check.ts";
import {
  numberedTexts,
  putTexts,
  readThrough,
  rise,
  type StreamSubject,
  shardsOf,
  textsOf,
} from "./stream-subject.ts";

const INVALID = "ValidationException";
const MIB = 1024 * 1024;
const HASH_KEYS = 2n ** 128n;

const entry = (bytes: number, PartitionKey = "k", more: Partial<PutRecordsRequestEntry> = {}) => ({
  Data: new Uint8Array(bytes),
  PartitionKey,
  ...more,
});

function putEntries({ client }: StreamSubject, StreamName: string, Records: PutRecordsRequestEntry[]) {
  return client.send(new PutRecordsCommand({ StreamName, Records }));
}

export const putChecks: readonly Check<StreamSubject>[] = [
  {
    title: "the shards of a new stream share the hash keys, in order and without a gap",
    documented: kinesisApi("CreateStream"),
    async observe(subject) {
      const shards = await shardsOf(subject, await subject.newStream(3));
      return shards.map(({ ShardId, HashKeyRange, ParentShardId, SequenceNumberRange }) => ({
        ShardId,
        HashKeyRange,
        ParentShardId,
        open: SequenceNumberRange?.EndingSequenceNumber === undefined,
      }));
    },
    expected: [0n, 1n, 2n].map((index) => ({
      ShardId: `shardId-00000000000${index}`,
      HashKeyRange: {
        StartingHashKey: String((HASH_KEYS / 3n) * index),
        EndingHashKey: String(index === 2n ? HASH_KEYS - 1n : (HASH_KEYS / 3n) * (index + 1n) - 1n),
      },
      ParentShardId: undefined,
      open: true,
    })),
  },
  {
    title: "a record goes to the shard that holds its explicit hash key, both ends included",
    documented: kinesisApi("PutRecords"),
    async observe(subject) {
      const stream = await subject.newStream(3);
      const ends = (await shardsOf(subject, stream)).flatMap(({ HashKeyRange: range }) => [
        range!.StartingHashKey!,
        range!.EndingHashKey!,
      ]);
      const placed: string[] = [];
      for (const end of ends)
        placed.push((await putTexts(subject, stream, ["x"], end))[0]!.shardId.slice(-1));
      return placed.join(" ");
    },
    expected: "0 0 1 1 2 2",
  },
  {
    title: "a record without one goes where the MD5 of its partition key lies",
    documented: kinesisPages.concepts,
    async observe(subject) {
      const stream = await subject.newStream(3);
      const shards = await shardsOf(subject, stream);
      const keys = ["a", "b", "card-1", "ключ", "€", "0", "key", "k".repeat(256)];
      const { Records } = await putEntries(
        subject,
        stream,
        keys.map((key) => entry(1, key)),
      );
      return keys.map((key, i) => {
        const hash = BigInt(`0x${createHash("md5").update(key, "utf8").digest("hex")}`);
        const holder = shards.find(({ HashKeyRange: range }) => {
          return BigInt(range!.StartingHashKey!) <= hash && hash <= BigInt(range!.EndingHashKey!);
        });
        return holder!.ShardId === Records![i]!.ShardId;
      });
    },
    expected: [true, true, true, true, true, true, true, true],
  },
  {
    title: "sequence numbers rise with every record of a shard, within a put and from put to put",
    documented: kinesisPages.concepts,
    async observe(subject) {
      const stream = await subject.newStream(2);
      const places = [];
      for (let n = 0; n < 5; n++) places.push(...(await putTexts(subject, stream, numberedTexts(20))));
      const numbers = places.map(({ sequenceNumber }) => sequenceNumber);
      const [first] = await shardsOf(subject, stream);
      return {
        rising: rise([first!.SequenceNumberRange!.StartingSequenceNumber, ...numbers]),
        decimal: numbers.every((one) => /^[1-9]\d{0,128}$/.test(one)),
        oneShard: new Set(places.map(({ shardId }) => shardId)).size,
      };
    },
    expected: { rising: true, decimal: true, oneShard: 1 },
  },
  {
    title: "a put of one record is placed and numbered as one of many is",
    documented: kinesisApi("PutRecord"),
    async observe(subject) {
      const StreamName = await subject.newStream(2);
      const [before] = await putTexts(subject, StreamName, ["a"]);
      const one = await subject.client.send(
        new PutRecordCommand({
          StreamName,
          PartitionKey: "key",
          Data: Buffer.from("b"),
          ExplicitHashKey: "0",
        }),
      );
      const [behind] = await putTexts(subject, StreamName, ["c"]);
      return {
        shards: [before!.shardId, one.ShardId, behind!.shardId].map((id) => id!.slice(-1)).join(" "),
        rising: rise([before!.sequenceNumber, one.SequenceNumber, behind!.sequenceNumber]),
      };
    },
    expected: { shards: "0 0 0", rising: true },
  },
  {
    title: "a put takes 1 to 500 records, and one that is refused puts nothing",
    documented: kinesisApi("PutRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const against = (texts: readonly string[]) => outcome(putTexts(subject, stream, texts));
      const outcomes = {
        most: await against(numberedTexts(500)),
        more: await against(numberedTexts(501, "refused ")),
        none: await against([]),
      };
      const shard = { stream, shardId: "shardId-000000000000" };
      const { records } = await readThrough(subject, shard, { count: 501 });
      return { ...outcomes, stands: records.length };
    },
    expected: { most: "answered", more: INVALID, none: INVALID, stands: 500 },
  },
  {
    title: "a record holds up to 1 MiB of data",
    documented: kinesisPages.quotas,
    async observe(subject) {
      const stream = await subject.newStream(1);
      return {
        fits: await outcome(putEntries(subject, stream, [entry(MIB - 1, "k")])),
        larger: await outcome(putEntries(subject, stream, [entry(MIB + 1, "k")])),
        none: await outcome(putEntries(subject, stream, [entry(0, "k")])),
      };
    },
    expected: { fits: "answered", larger: INVALID, none: "answered" },
  },
  {
    title: "the limit of a record includes its partition key",
    documented: kinesisApi("PutRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      return outcome(putEntries(subject, stream, [entry(MIB, "k")]));
    },
    expected: INVALID,
  },
  {
    title: "a put of 5 MiB is taken",
    documented: kinesisApi("PutRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const records = Array.from({ length: 5 }, () => entry(MIB - 10, "key"));
      const { FailedRecordCount, Records } = await putEntries(subject, stream, records);
      return { FailedRecordCount, answers: Records?.length };
    },
    expected: { FailedRecordCount: 0, answers: 5 },
  },
  {
    title: "a put of more than 10 MiB is refused",
    documented: kinesisPages.quotas,
    async observe(subject) {
      const stream = await subject.newStream(1);
      const records = Array.from({ length: 11 }, () => entry(MIB - 10, "key"));
      return (await outcome(putEntries(subject, stream, records))) === "answered" ? "taken" : "refused";
    },
    expected: "refused",
  },
  {
    title: "partition keys have 1 to 256 characters, and explicit hash keys lie below 2^128",
    documented: kinesisApi("PutRecordsRequestEntry"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const against = (key: string, more?: Partial<PutRecordsRequestEntry>) =>
        outcome(putEntries(subject, stream, [entry(1, key, more)]));
      return {
        longest: await against("€".repeat(256)),
        longer: await against("k".repeat(257)),
        empty: await against(""),
        highest: await against("k", { ExplicitHashKey: String(HASH_KEYS - 1n) }),
        higher: await against("k", { ExplicitHashKey: String(HASH_KEYS) }),
      };
    },
    expected: {
      longest: "answered",
      longer: INVALID,
      empty: INVALID,
      highest: "answered",
      higher: "InvalidArgumentException",
    },
  },
  {
    title: "records come back as they were put, stamped with their arrival",
    documented: kinesisApi("Record"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const Data = Uint8Array.from({ length: 256 }, (_, value) => value);
      const startMs = Date.now();
      const { Records } = await putEntries(subject, stream, [
        { Data, PartitionKey: "ключ" },
        { Data: new Uint8Array(0), PartitionKey: "none" },
      ]);
      const endMs = Date.now();
      const shard = { stream, shardId: Records![0]!.ShardId! };
      const { records } = await readThrough(subject, shard, { count: 2 });
      return {
        keys: records.map(({ PartitionKey }) => PartitionKey),
        bytes: [...records[0]!.Data!].join(" ") === [...Data].join(" "),
        none: records[1]!.Data!.byteLength,
        numbers: records.map(({ SequenceNumber }, i) => SequenceNumber === Records![i]!.SequenceNumber),
        // Another machine's clock may differ by a little.
        stamped: records.every(({ ApproximateArrivalTimestamp: stamp }) => {
          return stamp!.getTime() >= startMs - 2_000 && stamp!.getTime() <= endMs + 2_000;
        }),
      };
    },
    expected: { keys: ["ключ", "none"], bytes: true, none: 0, numbers: [true, true], stamped: true },
  },
  {
    title: "a stream or a shard that is not there is named by its own exception",
    documented: kinesisApi("ListShards"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      return {
        put: await outcome(putTexts(subject, `${stream}-not`, ["x"])),
        list: await outcome(shardsOf(subject, `${stream}-not`)),
        shard: await outcome(readThrough(subject, { stream, shardId: "shardId-000000000007" })),
        texts: textsOf((await readThrough(subject, { stream, shardId: "shardId-000000000000" })).records),
      };
    },
    expected: {
      put: "ResourceNotFoundException",
      list: "ResourceNotFoundException",
      shard: "ResourceNotFoundException",
      texts: [],
    },
  },
];

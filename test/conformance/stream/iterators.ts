import { setTimeout as sleep } from "node:timers/promises";
import { GetShardIteratorCommand } from "@aws-sdk/client-kinesis";
import { kinesisApi, kinesisPages } from "../aws-pages.ts";
import { type Check, outcome } from "../check.ts";
import {
  after,
  fromOldest,
  numberedTexts,
  openIterator,
  putTexts,
  readOn,
  readPage,
  readThrough,
  type StreamSubject,
  textsOf,
} from "./stream-subject.ts";

const FIRST = "shardId-000000000000";
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Longer than any server that answers takes. */
const NO_ANSWER_MS = 1_000;
/** Enough for stamps of different milliseconds, and for clocks that count in coarser steps. */
const APART_MS = 30;

export const iteratorChecks: readonly Check<StreamSubject>[] = [
  {
    title: "TRIM_HORIZON reads from the oldest record on, LATEST what is put afterwards",
    documented: kinesisApi("GetShardIterator"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const shard = { stream, shardId: FIRST };
      await putTexts(subject, stream, ["a", "b"]);
      const latest = await openIterator(subject, shard, { ShardIteratorType: "LATEST" });
      const nothing = await readPage(subject, latest);
      await putTexts(subject, stream, ["c", "d"]);
      const oldest = await readThrough(subject, shard, { count: 4 });
      const newest = await readOn(subject, nothing.NextShardIterator!, { count: 2 });
      return {
        oldest: textsOf(oldest.records),
        nothing: nothing.Records,
        newest: textsOf(newest.records),
        again: textsOf((await readOn(subject, latest, { count: 2 })).records),
      };
    },
    expected: { oldest: ["a", "b", "c", "d"], nothing: [], newest: ["c", "d"], again: ["c", "d"] },
  },
  {
    title: "AT_SEQUENCE_NUMBER reads from a record on, AFTER_SEQUENCE_NUMBER from behind it",
    documented: kinesisApi("GetShardIterator"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const shard = { stream, shardId: FIRST };
      const places = await putTexts(subject, stream, ["a", "b", "c"]);
      const second = places[1]!.sequenceNumber;
      const last = places[2]!.sequenceNumber;
      const at = { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: second } as const;
      const iterator = await openIterator(subject, shard, after(last));
      const nothing = await readPage(subject, iterator);
      await putTexts(subject, stream, ["d"]);
      return {
        at: textsOf((await readThrough(subject, shard, { start: at, count: 3 })).records),
        after: textsOf((await readThrough(subject, shard, { start: after(second), count: 2 })).records),
        nothing: nothing.Records,
        behindLast: textsOf((await readOn(subject, iterator, { count: 1 })).records),
      };
    },
    expected: { at: ["b", "c", "d"], after: ["c", "d"], nothing: [], behindLast: ["d"] },
  },
  {
    title: "AT_TIMESTAMP reads from the first record that arrived then or later",
    documented: kinesisApi("GetShardIterator"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const shard = { stream, shardId: FIRST };
      for (const text of ["a", "b", "c"]) {
        await putTexts(subject, stream, [text]);
        await sleep(APART_MS);
      }
      const { records } = await readThrough(subject, shard, { count: 3 });
      const read = async (Timestamp: Date) => {
        const start = { ShardIteratorType: "AT_TIMESTAMP", Timestamp } as const;
        return textsOf((await readThrough(subject, shard, { start })).records);
      };
      const arrivedMs = records[1]!.ApproximateArrivalTimestamp!.getTime();
      return {
        exactly: await read(new Date(arrivedMs)),
        later: await read(new Date(arrivedMs + 1)),
        beforeAll: await read(new Date(arrivedMs - MINUTE_MS)),
      };
    },
    expected: { exactly: ["b", "c"], later: ["c"], beforeAll: ["a", "b", "c"] },
  },
  {
    title: "AT_TIMESTAMP behind the last record reads what is put afterwards",
    documented: kinesisApi("GetShardIterator"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const shard = { stream, shardId: FIRST };
      await putTexts(subject, stream, ["a"]);
      await sleep(APART_MS);
      const Timestamp = new Date();
      await sleep(APART_MS);
      const asked = subject.client.send(
        new GetShardIteratorCommand({
          StreamName: stream,
          ShardId: FIRST,
          ShardIteratorType: "AT_TIMESTAMP",
          Timestamp,
        }),
        { abortSignal: AbortSignal.timeout(NO_ANSWER_MS) },
      );
      const iterator = await asked.then(
        ({ ShardIterator }) => ShardIterator!,
        () => null,
      );
      if (iterator === null) return "no answer";
      await putTexts(subject, stream, ["b"]);
      const { records } = await readThrough(subject, shard, {
        start: { ShardIteratorType: "AT_TIMESTAMP", Timestamp },
      });
      return {
        issued: textsOf((await readOn(subject, iterator, { count: 1 })).records),
        opened: textsOf(records),
      };
    },
    expected: { issued: ["b"], opened: ["b"] },
  },
  {
    title: "a start that cannot be is refused",
    documented: kinesisApi("GetShardIterator"),
    async observe(subject) {
      const stream = await subject.newStream(2);
      const shard = { stream, shardId: FIRST };
      const [elsewhere] = await putTexts(subject, stream, ["x"], String(2n ** 128n - 1n));
      const [here] = await putTexts(subject, stream, ["y"]);
      const against = (start: Parameters<typeof openIterator>[2]) =>
        outcome(openIterator(subject, shard, start));
      return {
        otherShard: await against(after(elsewhere!.sequenceNumber)),
        noNumber: await against({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER" }),
        needless: await against({ ...fromOldest, StartingSequenceNumber: here!.sequenceNumber }),
        noTime: await against({ ShardIteratorType: "AT_TIMESTAMP" }),
        future: await against({
          ShardIteratorType: "AT_TIMESTAMP",
          Timestamp: new Date(Date.now() + HOUR_MS),
        }),
        text: await against(after("twelve")),
      };
    },
    expected: {
      otherShard: "InvalidArgumentException",
      noNumber: "InvalidArgumentException",
      needless: "InvalidArgumentException",
      noTime: "InvalidArgumentException",
      future: "InvalidArgumentException",
      text: "ValidationException",
    },
  },
  {
    title: "a page holds at most its limit, of 1 to 10,000 records, and none is passed over",
    documented: kinesisApi("GetRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      await putTexts(subject, stream, numberedTexts(10));
      const shard = { stream, shardId: FIRST };
      const { pages, records } = await readThrough(subject, shard, { count: 10, limit: 3 });
      const iterator = await openIterator(subject, shard, fromOldest);
      return {
        withinLimit: pages.every(({ Records = [] }) => Records.length <= 3),
        texts: textsOf(records),
        none: await outcome(readPage(subject, iterator, 0)),
        tooMany: await outcome(readPage(subject, iterator, 10_001)),
      };
    },
    expected: {
      withinLimit: true,
      texts: numberedTexts(10),
      none: "ValidationException",
      tooMany: "ValidationException",
    },
  },
  {
    title: "a page holds at most 10 MiB",
    documented: kinesisApi("GetRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const large = "x".repeat(1_000_000);
      for (let n = 0; n < 4; n++) await putTexts(subject, stream, [large, large, large]);
      const { pages, records } = await readThrough(subject, { stream, shardId: FIRST }, { count: 12 });
      return {
        all: records.length,
        withinLimit: pages.every(({ Records = [] }) => Records.length * large.length <= 10 * 1024 * 1024),
      };
    },
    expected: { all: 12, withinLimit: true },
  },
  {
    title: "MillisBehindLatest is nothing at the tip, and more while records are left",
    documented: kinesisApi("GetRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      await putTexts(subject, stream, ["a", "b"]);
      await sleep(APART_MS);
      const { pages } = await readThrough(subject, { stream, shardId: FIRST }, { count: 2, limit: 1 });
      const filled = pages.filter(({ Records = [] }) => Records.length > 0);
      return filled.map(({ MillisBehindLatest }) => Math.sign(MillisBehindLatest!));
    },
    expected: [1, 0],
  },
  {
    title: "an iterator may be read again, and finds the same",
    documented: kinesisApi("GetRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      await putTexts(subject, stream, numberedTexts(4));
      const iterator = await openIterator(subject, { stream, shardId: FIRST }, fromOldest);
      const once = await readOn(subject, iterator, { count: 2, limit: 2 });
      const twice = await readOn(subject, iterator, { count: 2, limit: 2 });
      return [textsOf(once.records), textsOf(twice.records)];
    },
    expected: [
      ["r0", "r1"],
      ["r0", "r1"],
    ],
  },
  {
    title: "what is no iterator is refused",
    documented: kinesisApi("GetRecords"),
    observe: (subject) => outcome(readPage(subject, "none")),
    expected: "InvalidArgumentException",
  },
  {
    title: "an iterator lives five minutes; behind the last record read a new one goes on",
    documented: kinesisApi("GetShardIterator"),
    async observe(subject) {
      if (subject.ahead === null) return null;
      const stream = await subject.newStream(1);
      const shard = { stream, shardId: FIRST };
      const places = await putTexts(subject, stream, numberedTexts(4));
      const iterator = await openIterator(subject, shard, fromOldest);
      return {
        inTime: await subject.ahead(5 * MINUTE_MS - 2_000, () => outcome(readPage(subject, iterator))),
        late: await subject.ahead(5 * MINUTE_MS + 1_000, () => outcome(readPage(subject, iterator))),
        goesOn: await subject.ahead(6 * MINUTE_MS, async () => {
          const start = after(places[1]!.sequenceNumber);
          return textsOf((await readThrough(subject, shard, { start, count: 2 })).records);
        }),
      };
    },
    expected: { inTime: "answered", late: "ExpiredIteratorException", goesOn: ["r2", "r3"] },
  },
  {
    title: "records are kept a day unless told otherwise, and no longer",
    documented: kinesisPages.concepts,
    async observe(subject) {
      if (subject.ahead === null) return null;
      const stream = await subject.newStream(1);
      const shard = { stream, shardId: FIRST };
      const [place] = await putTexts(subject, stream, numberedTexts(3));
      const count = async (start = fromOldest) =>
        (await readThrough(subject, shard, { start, count: 3 })).records.length;
      return {
        kept: await subject.ahead(24 * HOUR_MS - 2 * MINUTE_MS, () => count()),
        gone: await subject.ahead(24 * HOUR_MS + 2 * MINUTE_MS, () => count()),
        after: await subject.ahead(24 * HOUR_MS + 2 * MINUTE_MS, () => count(after(place!.sequenceNumber))),
      };
    },
    expected: { kept: 3, gone: 0, after: 0 },
  },
];

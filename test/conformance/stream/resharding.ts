import { MergeShardsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { kinesisApi, kinesisPages } from "../aws-pages.ts";
import { type Check, outcome } from "../check.ts";
import {
  after,
  numberedTexts,
  putTexts,
  readThrough,
  type StreamSubject,
  shardsOf,
  textsOf,
  untilActive,
} from "./stream-subject.ts";

const id = (index: number): string => `shardId-${String(index).padStart(12, "0")}`;
const LAST_HASH_KEY = 2n ** 128n - 1n;
const MIDDLE = 2n ** 127n;

async function split(subject: StreamSubject, stream: string, shardId: string, at: bigint): Promise<void> {
  await subject.client.send(
    new SplitShardCommand({ StreamName: stream, ShardToSplit: shardId, NewStartingHashKey: String(at) }),
  );
  await untilActive(subject, stream);
}

async function merge(subject: StreamSubject, stream: string, lower: string, upper: string): Promise<void> {
  await subject.client.send(
    new MergeShardsCommand({ StreamName: stream, ShardToMerge: lower, AdjacentShardToMerge: upper }),
  );
  await untilActive(subject, stream);
}

async function family(subject: StreamSubject, stream: string) {
  return (await shardsOf(subject, stream)).map((shard) => ({
    id: shard.ShardId,
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((parent) => parent !== undefined),
    range: [shard.HashKeyRange!.StartingHashKey, shard.HashKeyRange!.EndingHashKey],
    open: shard.SequenceNumberRange!.EndingSequenceNumber === undefined,
  }));
}

export const reshardingChecks: readonly Check<StreamSubject>[] = [
  {
    title: "a split closes the shard and opens two that name it and share its range",
    documented: kinesisPages.split,
    async observe(subject) {
      const stream = await subject.newStream(1);
      await split(subject, stream, id(0), MIDDLE);
      return family(subject, stream);
    },
    expected: [
      { id: id(0), parents: [], range: ["0", String(LAST_HASH_KEY)], open: false },
      { id: id(1), parents: [id(0)], range: ["0", String(MIDDLE - 1n)], open: true },
      { id: id(2), parents: [id(0)], range: [String(MIDDLE), String(LAST_HASH_KEY)], open: true },
    ],
  },
  {
    title: "a merge closes both shards and opens one that names them and has their range",
    documented: kinesisPages.merge,
    async observe(subject) {
      const stream = await subject.newStream(2);
      await merge(subject, stream, id(0), id(1));
      return family(subject, stream);
    },
    expected: [
      { id: id(0), parents: [], range: ["0", String(MIDDLE - 1n)], open: false },
      { id: id(1), parents: [], range: [String(MIDDLE), String(LAST_HASH_KEY)], open: false },
      { id: id(2), parents: [id(0), id(1)], range: ["0", String(LAST_HASH_KEY)], open: true },
    ],
  },
  {
    title: "shards are split inside their range, and merged with their neighbour alone",
    documented: kinesisApi("SplitShard"),
    async observe(subject) {
      const stream = await subject.newStream(3);
      const second = (2n ** 128n / 3n) * 2n;
      return {
        outside: await outcome(split(subject, stream, id(0), second)),
        atStart: await outcome(split(subject, stream, id(0), 0n)),
        notAdjacent: await outcome(merge(subject, stream, id(0), id(2))),
        noSuchShard: await outcome(split(subject, stream, id(9), 5n)),
        shards: (await family(subject, stream)).filter(({ open }) => open).length,
      };
    },
    expected: {
      outside: "InvalidArgumentException",
      atStart: "InvalidArgumentException",
      notAdjacent: "InvalidArgumentException",
      noSuchShard: "ResourceNotFoundException",
      shards: 3,
    },
  },
  {
    title: "a closed shard is read to its end, which is said by a page without an iterator",
    documented: kinesisPages.afterResharding,
    async observe(subject) {
      const stream = await subject.newStream(1);
      const places = await putTexts(subject, stream, numberedTexts(5));
      await split(subject, stream, id(0), MIDDLE);
      const children = await putTexts(subject, stream, ["child"]);
      const shard = { stream, shardId: id(0) };
      const whole = await readThrough(subject, shard, { limit: 2 });
      const again = await readThrough(subject, shard);
      const behindLast = await readThrough(subject, shard, { start: after(places[4]!.sequenceNumber) });
      const latest = await readThrough(subject, shard, { start: { ShardIteratorType: "LATEST" } });
      const child = await readThrough(subject, { stream, shardId: id(1) }, { count: 1 });
      return {
        whole: { texts: textsOf(whole.records), ended: whole.ended },
        again: { texts: textsOf(again.records), ended: again.ended },
        behindLast: { texts: textsOf(behindLast.records), ended: behindLast.ended },
        latest: { texts: textsOf(latest.records), ended: latest.ended },
        child: { texts: textsOf(child.records), ended: child.ended, placed: children[0]!.shardId },
      };
    },
    expected: {
      whole: { texts: numberedTexts(5), ended: true },
      again: { texts: numberedTexts(5), ended: true },
      behindLast: { texts: [], ended: true },
      latest: { texts: [], ended: true },
      child: { texts: ["child"], ended: false, placed: id(1) },
    },
  },
  {
    title: "a closed shard that never had a record ends too",
    documented: kinesisPages.afterResharding,
    async observe(subject) {
      const stream = await subject.newStream(1);
      await split(subject, stream, id(0), MIDDLE);
      const { records, ended } = await readThrough(subject, { stream, shardId: id(0) });
      return { records, ended };
    },
    expected: { records: [], ended: true },
  },
  {
    title: "the page that ends a closed shard names its children",
    documented: kinesisApi("GetRecords"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      await putTexts(subject, stream, ["a"]);
      await split(subject, stream, id(0), MIDDLE);
      const { pages } = await readThrough(subject, { stream, shardId: id(0) });
      return pages.at(-1)!.ChildShards?.map(({ ShardId, ParentShards }) => ({ ShardId, ParentShards }));
    },
    expected: [
      { ShardId: id(1), ParentShards: [id(0)] },
      { ShardId: id(2), ParentShards: [id(0)] },
    ],
  },
  {
    title: "the numbers of a closed shard lie between its ends",
    documented: kinesisApi("SequenceNumberRange"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const places = await putTexts(subject, stream, numberedTexts(3));
      await split(subject, stream, id(0), MIDDLE);
      const [closed] = await shardsOf(subject, stream);
      const { StartingSequenceNumber, EndingSequenceNumber } = closed!.SequenceNumberRange!;
      return places.map(({ sequenceNumber }) => {
        const number = BigInt(sequenceNumber);
        return BigInt(StartingSequenceNumber!) <= number && number <= BigInt(EndingSequenceNumber!);
      });
    },
    expected: [true, true, true],
  },
  {
    title: "shards may be split and merged again before their parents are read",
    documented: kinesisPages.afterResharding,
    async observe(subject) {
      const stream = await subject.newStream(1);
      await putTexts(subject, stream, ["grandparent"]);
      await split(subject, stream, id(0), MIDDLE);
      await putTexts(subject, stream, ["parent"]);
      await split(subject, stream, id(1), MIDDLE / 2n);
      await putTexts(subject, stream, ["child"]);
      await merge(subject, stream, id(4), id(2));
      await putTexts(subject, stream, ["grandchild"], String(LAST_HASH_KEY));
      const found: Record<string, readonly string[]> = {};
      for (const { ShardId } of await shardsOf(subject, stream)) {
        const { records } = await readThrough(subject, { stream, shardId: ShardId! });
        if (records.length > 0) found[ShardId!] = textsOf(records);
      }
      return { found, parents: (await family(subject, stream)).map(({ parents }) => parents) };
    },
    expected: {
      found: { [id(0)]: ["grandparent"], [id(1)]: ["parent"], [id(3)]: ["child"], [id(5)]: ["grandchild"] },
      parents: [[], [id(0)], [id(0)], [id(1)], [id(1)], [id(4), id(2)]],
    },
  },
];

import { MergeShardsCommand, PutRecordsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import fc from "fast-check";
import { outcome } from "../check.ts";
import {
  openIterator,
  readOn,
  type Start,
  type StreamSubject,
  shardsOf,
  textsOf,
  untilActive,
} from "../stream/stream-subject.ts";

/** A part of the whole in thousandths: of shards, of a shard's records or of its hash keys, whatever there is by then. */
type Share = number;

/** Where a record goes: by its partition key, or by an explicit hash key at a share of all. */
type Target = { readonly key: string } | { readonly at: Share };

/** What is done to a stream. Shards and records are named by shares, since how many there are shows on the way. */
export type StreamStep =
  | { readonly kind: "put"; readonly targets: readonly Target[] }
  | { readonly kind: "split"; readonly shard: Share; readonly at: Share }
  | { readonly kind: "merge"; readonly lower: Share; readonly upper: Share }
  | { readonly kind: "hold"; readonly shard: Share }
  | {
      readonly kind: "read";
      readonly shard: Share;
      readonly from: Share | "oldest" | "held";
      readonly after: boolean;
      readonly limit: number;
    }
  | { readonly kind: "list" };

const shares = fc.integer({ min: 0, max: 999 });
const targets: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ key: fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }) }),
  fc.record({ at: shares }),
);

export const streamSteps: fc.Arbitrary<StreamStep[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("put" as const),
        targets: fc.array(targets, { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("split" as const), shard: shares, at: shares }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("merge" as const), lower: shares, upper: shares }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("hold" as const), shard: shares }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("read" as const),
        shard: shares,
        from: fc.oneof(shares, fc.constantFrom("oldest" as const, "held" as const)),
        after: fc.boolean(),
        limit: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "list" as const }) },
  ),
  { minLength: 1, maxLength: 12 },
);

const HASH_KEYS = 2n ** 128n;
const LAST_HASH_KEY = HASH_KEYS - 1n;

/** A stream of one server, with what the steps so far have left to go on from. */
export class StreamRun {
  readonly subject: StreamSubject;
  readonly stream: string;
  /** The numbers of the records put, by shard. */
  private readonly put = new Map<string, string[]>();
  /** Iterators at what was the tip. */
  private readonly held = new Map<string, string>();
  private count = 0;

  constructor(subject: StreamSubject, stream: string) {
    this.subject = subject;
    this.stream = stream;
  }

  /** What a step comes to: data, equal on two servers that behave alike. */
  async take(step: StreamStep): Promise<unknown> {
    const { client } = this.subject;
    const StreamName = this.stream;
    const shards = await shardsOf(this.subject, StreamName);
    const open = shards.filter(({ SequenceNumberRange: range }) => range?.EndingSequenceNumber === undefined);
    switch (step.kind) {
      case "put":
        return this.putRecords(step.targets);
      case "split": {
        const { ShardId, HashKeyRange } = chosen(open, step.shard);
        const [first, last] = [BigInt(HashKeyRange!.StartingHashKey!), BigInt(HashKeyRange!.EndingHashKey!)];
        const middle = first + ((last - first) * BigInt(step.at)) / 1_000n;
        return this.change(
          client.send(
            new SplitShardCommand({ StreamName, ShardToSplit: ShardId, NewStartingHashKey: String(middle) }),
          ),
        );
      }
      case "merge": {
        // Neighbours as often as not.
        const lower = chosen(open, step.lower);
        const next = String(BigInt(lower.HashKeyRange!.EndingHashKey!) + 1n);
        const neighbour = open.find(({ HashKeyRange: range }) => range!.StartingHashKey === next);
        const upper = (step.upper % 2 === 0 && neighbour) || chosen(open, step.upper);
        return this.change(
          client.send(
            new MergeShardsCommand({
              StreamName,
              ShardToMerge: lower.ShardId,
              AdjacentShardToMerge: upper.ShardId,
            }),
          ),
        );
      }
      case "hold": {
        const shardId = chosen(shards, step.shard).ShardId!;
        this.held.set(shardId, await this.iterator(shardId, { ShardIteratorType: "LATEST" }));
        return shardId;
      }
      case "read":
        return this.read(chosen(shards, step.shard).ShardId!, step);
      case "list":
        return shards.map((shard) => ({
          id: shard.ShardId,
          parents: [shard.ParentShardId, shard.AdjacentParentShardId],
          range: shard.HashKeyRange,
          open: shard.SequenceNumberRange?.EndingSequenceNumber === undefined,
        }));
    }
  }

  private async putRecords(targets: readonly Target[]): Promise<unknown> {
    const { Records } = await this.subject.client.send(
      new PutRecordsCommand({
        StreamName: this.stream,
        Records: targets.map((target) => ({
          Data: Buffer.from(`r${this.count++}`),
          ...("key" in target
            ? { PartitionKey: target.key }
            : { PartitionKey: "key", ExplicitHashKey: String((LAST_HASH_KEY * BigInt(target.at)) / 999n) }),
        })),
      }),
    );
    for (const { ShardId, SequenceNumber } of Records!) {
      this.put.set(ShardId!, [...(this.put.get(ShardId!) ?? []), SequenceNumber!]);
    }
    return Records!.map(({ ShardId }) => ShardId);
  }

  private async read(shardId: string, step: StreamStep & { kind: "read" }): Promise<unknown> {
    const iterator = await this.startOf(shardId, step);
    // An embedded server leaves no page empty that need not be, but for the one or two that end a closed shard.
    const { records, ended } = await readOn(this.subject, iterator, { limit: step.limit, emptyPages: 3 });
    return { shardId, texts: textsOf(records), keys: records.map(({ PartitionKey }) => PartitionKey), ended };
  }

  private async startOf(shardId: string, { from, after }: StreamStep & { kind: "read" }): Promise<string> {
    if (from === "held") {
      const held = this.held.get(shardId);
      if (held !== undefined) return held;
    }
    const numbers = this.put.get(shardId) ?? [];
    if (typeof from !== "number" || numbers.length === 0) {
      return this.iterator(shardId, { ShardIteratorType: "TRIM_HORIZON" });
    }
    return this.iterator(shardId, {
      ShardIteratorType: after ? "AFTER_SEQUENCE_NUMBER" : "AT_SEQUENCE_NUMBER",
      StartingSequenceNumber: chosen(numbers, from),
    });
  }

  private iterator(shardId: string, start: Start): Promise<string> {
    return openIterator(this.subject, { stream: this.stream, shardId }, start);
  }

  private async change(call: Promise<unknown>): Promise<string> {
    const result = await outcome(call);
    await untilActive(this.subject, this.stream);
    return result;
  }
}

function chosen<Value>(values: readonly Value[], share: Share): Value {
  return values[Math.floor((values.length * share) / 1_000)]!;
}

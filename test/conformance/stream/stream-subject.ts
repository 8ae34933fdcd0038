import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type Shard,
  type _Record as StreamRecord,
} from "@aws-sdk/client-kinesis";

/** A Kinesis, or what speaks as one. */
export interface StreamSubject {
  readonly client: KinesisClient;
  /** The name of a new stream that takes records. */
  newStream(shards: number): Promise<string>;
  /** Does something while the server's clock is ahead of the real one; null where it cannot be moved. */
  readonly ahead: (<Result>(ms: number, action: () => Promise<Result>) => Promise<Result>) | null;
  /** After each check: a server that is not ours is left no streams, and allows only so many shards. */
  cleanUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Where a read begins. */
export type Start = Omit<GetShardIteratorInput, "StreamName" | "ShardId">;

export const fromOldest: Start = { ShardIteratorType: "TRIM_HORIZON" };
export const after = (sequenceNumber: string): Start => ({
  ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
  StartingSequenceNumber: sequenceNumber,
});

/** A shard of a stream. */
export interface ShardName {
  readonly stream: string;
  readonly shardId: string;
}

/** Puts texts to the shard that takes a hash key, in order, and answers their places. */
export async function putTexts(
  { client }: StreamSubject,
  stream: string,
  texts: readonly string[],
  hashKey = "0",
): Promise<readonly { readonly shardId: string; readonly sequenceNumber: string }[]> {
  const Records = texts.map((text) => ({
    Data: Buffer.from(text),
    PartitionKey: "key",
    ExplicitHashKey: hashKey,
  }));
  const answer = await client.send(new PutRecordsCommand({ StreamName: stream, Records }));
  return answer.Records!.map(({ ShardId, SequenceNumber }) => ({
    shardId: ShardId!,
    sequenceNumber: SequenceNumber!,
  }));
}

export async function openIterator(
  { client }: StreamSubject,
  shard: ShardName,
  start: Start,
): Promise<string> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamName: shard.stream, ShardId: shard.shardId, ...start }),
  );
  return ShardIterator!;
}

export function readPage(
  { client }: StreamSubject,
  iterator: string,
  limit?: number,
): Promise<GetRecordsCommandOutput> {
  return client.send(
    new GetRecordsCommand({ ShardIterator: iterator, ...(limit === undefined ? {} : { Limit: limit }) }),
  );
}

/** Everything that a read found. */
export interface ReadThrough {
  readonly records: readonly StreamRecord[];
  readonly pages: readonly GetRecordsCommandOutput[];
  /** Whether the last page said that the shard is closed and has no more. */
  readonly ended: boolean;
}

const PAUSE_MS = 250;

export interface ReadOptions {
  /** The records to wait for. @default as many as come */
  readonly count?: number;
  readonly limit?: number;
  /**
   * After how many empty pages in a row nothing more is waited for: any page may be empty, though records follow.
   * @default 10
   */
  readonly emptyPages?: number;
}

/** Reads a shard until it ends, or until `count` records are there, or nothing has come for some pages. */
export async function readThrough(
  subject: StreamSubject,
  shard: ShardName,
  options: ReadOptions & { readonly start?: Start } = {},
): Promise<ReadThrough> {
  return readOn(subject, await openIterator(subject, shard, options.start ?? fromOldest), options);
}

/** As {@link readThrough}, from an iterator on. */
export async function readOn(
  subject: StreamSubject,
  from: string,
  { count = Number.POSITIVE_INFINITY, limit, emptyPages = 10 }: ReadOptions = {},
): Promise<ReadThrough> {
  const pages: GetRecordsCommandOutput[] = [];
  const records: StreamRecord[] = [];
  let iterator: string | undefined = from;
  let empty = 0;
  while (iterator !== undefined && records.length < count && empty < emptyPages) {
    const page = await readPage(subject, iterator, limit);
    pages.push(page);
    records.push(...page.Records!);
    iterator = page.NextShardIterator;
    empty = page.Records!.length === 0 ? empty + 1 : 0;
    // Five reads a second and shard are allowed; in a process of one's own there is nothing to wait for.
    if (subject.ahead === null) await sleep(PAUSE_MS);
  }
  return { records, pages, ended: iterator === undefined };
}

export const textsOf = (records: readonly StreamRecord[]): string[] =>
  records.map(({ Data }) => Buffer.from(Data!).toString());

export const numberedTexts = (count: number, prefix = "r"): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

export async function shardsOf({ client }: StreamSubject, stream: string): Promise<readonly Shard[]> {
  const { Shards } = await client.send(new ListShardsCommand({ StreamName: stream }));
  return Shards!;
}

export async function summaryOf({ client }: StreamSubject, stream: string) {
  const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
  return answer.StreamDescriptionSummary!;
}

const LOOK_EVERY_MS = 20;

/** Waits until a change of a stream's shards has taken effect. */
export async function untilActive(subject: StreamSubject, stream: string): Promise<void> {
  while ((await summaryOf(subject, stream)).StreamStatus !== "ACTIVE") await sleep(LOOK_EVERY_MS);
}

/** Whether numbers rise, compared as the whole numbers that they are. */
export function rise(sequenceNumbers: readonly (string | undefined)[]): boolean {
  return sequenceNumbers.every((one, i) => i === 0 || BigInt(sequenceNumbers[i - 1]!) < BigInt(one!));
}

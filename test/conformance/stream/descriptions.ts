import {
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  ListShardsCommand,
  type ListShardsCommandOutput,
} from "@aws-sdk/client-kinesis";
import { kinesisApi } from "../aws-pages.ts";
import { type Check, outcome } from "../check.ts";
import { type StreamSubject, summaryOf } from "./stream-subject.ts";

export const descriptionChecks: readonly Check<StreamSubject>[] = [
  {
    title: "a stream's name, ARN, time of creation and shards are described, and stay as they are",
    documented: kinesisApi("DescribeStreamSummary"),
    async observe(subject) {
      const stream = await subject.newStream(3);
      const once = await summaryOf(subject, stream);
      const twice = await summaryOf(subject, stream);
      return {
        named: once.StreamARN!.endsWith(`:stream/${stream}`) && once.StreamName === stream,
        created: Math.abs(once.StreamCreationTimestamp!.getTime() - Date.now()) < 600_000,
        same:
          [once.StreamARN, once.StreamCreationTimestamp].join() ===
          [twice.StreamARN, twice.StreamCreationTimestamp].join(),
        open: once.OpenShardCount,
        retention: once.RetentionPeriodHours,
      };
    },
    expected: { named: true, created: true, same: true, open: 3, retention: 24 },
  },
  {
    title: "a stream is known by its ARN as by its name",
    documented: kinesisApi("ListShards"),
    async observe(subject) {
      const stream = await subject.newStream(2);
      const { StreamARN } = await summaryOf(subject, stream);
      return {
        describe: await outcome(subject.client.send(new DescribeStreamSummaryCommand({ StreamARN }))),
        list: await outcome(subject.client.send(new ListShardsCommand({ StreamARN }))),
      };
    },
    expected: { describe: "answered", list: "answered" },
  },
  {
    title: "a list of shards comes in pages, each once",
    documented: kinesisApi("ListShards"),
    async observe({ client, newStream }) {
      const StreamName = await newStream(5);
      const pages: number[] = [];
      const ids: (string | undefined)[] = [];
      let token: string | undefined;
      do {
        const target = token === undefined ? { StreamName } : { NextToken: token };
        const page: ListShardsCommandOutput = await client.send(
          new ListShardsCommand({ ...target, MaxResults: 2 }),
        );
        pages.push(page.Shards!.length);
        ids.push(...page.Shards!.map(({ ShardId }) => ShardId?.slice(-1)));
        token = page.NextToken;
      } while (token !== undefined);
      return { pages, ids: ids.join("") };
    },
    expected: { pages: [2, 2, 1], ids: "01234" },
  },
  {
    title: "a list of shards may begin behind one, and goes on by its token alone",
    documented: kinesisApi("ListShards"),
    async observe({ client, newStream }) {
      const StreamName = await newStream(3);
      const { Shards } = await client.send(
        new ListShardsCommand({ StreamName, ExclusiveStartShardId: "shardId-000000000000" }),
      );
      return {
        behind: Shards!.map(({ ShardId }) => ShardId?.slice(-1)).join(""),
        both: await outcome(client.send(new ListShardsCommand({ StreamName, NextToken: "none" }))),
        neither: await outcome(client.send(new ListShardsCommand({}))),
      };
    },
    expected: { behind: "12", both: "InvalidArgumentException", neither: "InvalidArgumentException" },
  },
  {
    title: "the retention may be raised to a week, and not lowered by raising it",
    documented: kinesisApi("IncreaseStreamRetentionPeriod"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      const raise = (RetentionPeriodHours: number) =>
        outcome(
          subject.client.send(
            new IncreaseStreamRetentionPeriodCommand({ StreamName: stream, RetentionPeriodHours }),
          ),
        );
      return {
        week: await raise(168),
        day: await raise(24),
        stands: (await summaryOf(subject, stream)).RetentionPeriodHours,
      };
    },
    expected: { week: "answered", day: "InvalidArgumentException", stands: 168 },
  },
  {
    title: "a stream that was deleted is gone",
    documented: kinesisApi("DeleteStream"),
    async observe(subject) {
      const stream = await subject.newStream(1);
      await subject.client.send(new DeleteStreamCommand({ StreamName: stream }));
      const deadlineMs = Date.now() + 60_000;
      let answer = "answered";
      while (answer === "answered" && Date.now() < deadlineMs)
        answer = await outcome(summaryOf(subject, stream));
      return answer;
    },
    expected: "ResourceNotFoundException",
  },
];

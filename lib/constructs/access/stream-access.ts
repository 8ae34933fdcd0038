import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import { withKey } from "./key-access.ts";

/** What Lambda's event source mapping and Firehose read a stream by. */
const READ_ACTIONS = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
];

const DESCRIBE_ACTIONS = ["kinesis:DescribeStreamSummary", "kinesis:ListShards"];

const PUT_ACTIONS = ["kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"];

const BEAT_ACTIONS = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecords"];

/** Lets a stream be read. */
export function grantStreamRead(stream: IStream, grantee: IGrantable): Grant {
  return grant(stream, { grantee, actions: READ_ACTIONS, use: "read" });
}

/** Lets a stream's shards be listed. */
export function grantStreamDescribe(stream: IStream, grantee: IGrantable): Grant {
  return Grant.addToPrincipal({ grantee, actions: DESCRIBE_ACTIONS, resourceArns: [stream.streamArn] });
}

/** Lets a producer put records. */
export function grantStreamPut(stream: IStream, grantee: IGrantable): Grant {
  return grant(stream, { grantee, actions: PUT_ACTIONS, use: "write" });
}

/** Lets heartbeats be put to every shard. */
export function grantStreamBeat(stream: IStream, grantee: IGrantable): Grant {
  return grant(stream, { grantee, actions: BEAT_ACTIONS, use: "write" });
}

function grant(
  stream: IStream,
  {
    grantee,
    actions,
    use,
  }: { readonly grantee: IGrantable; readonly actions: string[]; readonly use: "read" | "write" },
): Grant {
  const own = Grant.addToPrincipal({ grantee, actions, resourceArns: [stream.streamArn] });
  return withKey(own, stream.encryptionKey, { grantee, use });
}

import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";

/** What Lambda's event source mapping and Firehose read a stream by. */
const READ_ACTIONS = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
];

const PUT_ACTIONS = ["kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"];

/** Lets a stream be read. */
export function grantStreamRead(stream: IStream, grantee: IGrantable): Grant {
  const own = Grant.addToPrincipal({ grantee, actions: READ_ACTIONS, resourceArns: [stream.streamArn] });
  const { encryptionKey } = stream;
  return encryptionKey === undefined ? own : own.combine(encryptionKey.grantDecrypt(grantee));
}

/** Lets a producer put records. */
export function grantStreamPut(stream: IStream, grantee: IGrantable): Grant {
  const own = Grant.addToPrincipal({ grantee, actions: PUT_ACTIONS, resourceArns: [stream.streamArn] });
  const { encryptionKey } = stream;
  return encryptionKey === undefined ? own : own.combine(encryptionKey.grantEncrypt(grantee));
}

import { createHash } from "node:crypto";
import type {
  PutRecordInput,
  PutRecordOutput,
  PutRecordsInput,
  PutRecordsOutput,
  PutRecordsRequestEntry,
} from "@aws-sdk/client-kinesis";
import { onlyFields } from "../answer.ts";
import { appendRecord, type Shard } from "./shard.ts";
import { findStream, type Stream, type Streams } from "./stream.ts";
import { invalidArgument, validationError } from "./stream-errors.ts";

const MAX_RECORDS = 500;
const MAX_KEY_CHARACTERS = 256;
/** A stream's default: data and partition key. */
const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
const MAX_HASH_KEY = 2n ** 128n - 1n;

export function putRecord(streams: Streams, input: PutRecordInput): PutRecordOutput {
  const { StreamName, StreamARN, ...entry } = input;
  checkEntry(entry);
  const stream = findStream(streams, { StreamName, StreamARN });
  return put(streams, takingShard(stream, entry), entry);
}

export function putRecords(streams: Streams, input: PutRecordsInput): PutRecordsOutput {
  onlyFields("PutRecords", input, ["StreamName", "StreamARN", "Records"]);
  const { Records = [] } = input;
  if (Records.length < 1 || Records.length > MAX_RECORDS) {
    throw validationError(`Value at 'records' failed to satisfy constraint: 1 to ${MAX_RECORDS} records`);
  }
  for (const entry of Records) checkEntry(entry);
  const bytes = Records.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > MAX_REQUEST_BYTES) throw invalidArgument("Records size exceeds the limit of 10 MiB.");
  const stream = findStream(streams, input);
  const shards = Records.map((entry) => takingShard(stream, entry));
  return {
    FailedRecordCount: 0,
    Records: Records.map((entry, index) => put(streams, shards[index]!, entry)),
  };
}

function put({ clock }: Streams, shard: Shard, { PartitionKey, Data }: PutRecordsRequestEntry) {
  const number = appendRecord(shard, {
    partitionKey: PartitionKey!,
    data: Uint8Array.from(Data!),
    arrivalMs: clock.now(),
  });
  return { ShardId: shard.id, SequenceNumber: String(number) };
}

function takingShard(stream: Stream, { PartitionKey, ExplicitHashKey }: PutRecordsRequestEntry): Shard {
  const hash =
    ExplicitHashKey === undefined
      ? BigInt(`0x${createHash("md5").update(PartitionKey!).digest("hex")}`)
      : BigInt(ExplicitHashKey);
  if (hash > MAX_HASH_KEY) {
    throw invalidArgument("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1].");
  }
  return stream.shards.find(
    ({ closedMs, hashKeys }) => closedMs === undefined && hashKeys.first <= hash && hash <= hashKeys.last,
  )!;
}

function checkEntry(entry: PutRecordsRequestEntry): void {
  onlyFields("a record to put", entry, ["PartitionKey", "Data", "ExplicitHashKey"]);
  const { PartitionKey, Data, ExplicitHashKey } = entry;
  const keyCharacters = PartitionKey === undefined ? 0 : [...PartitionKey].length;
  if (keyCharacters < 1 || keyCharacters > MAX_KEY_CHARACTERS) {
    throw validationError(
      `Value at 'partitionKey' failed to satisfy constraint: 1 to ${MAX_KEY_CHARACTERS} characters`,
    );
  }
  if (Data === undefined) throw validationError("Value null at 'data' failed to satisfy constraint");
  if (entryBytes(entry) > MAX_RECORD_BYTES) {
    throw validationError(`Value at 'data' failed to satisfy constraint: at most ${MAX_RECORD_BYTES} bytes`);
  }
  if (ExplicitHashKey !== undefined && !/^(0|[1-9]\d{0,38})$/.test(ExplicitHashKey)) {
    throw validationError(`Value '${ExplicitHashKey}' at 'explicitHashKey' failed to satisfy constraint`);
  }
}

function entryBytes({ PartitionKey, Data }: PutRecordsRequestEntry): number {
  return Data!.byteLength + Buffer.byteLength(PartitionKey!);
}

import { FreshetError } from "../../lib/define/error.ts";

/** The batch of an object that Lambda wrote to its on-failure destination. */
export interface LostBatch {
  readonly streamArn: string;
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly batchSize: number;
}

/**
 * Reads an object of the on-failure destination, which is an invocation record with its batch:
 * {@link https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html}.
 *
 * @throws FreshetError `OBJECT_STORE_UNREADABLE` for an object that is none.
 */
export function parseLostBatch(key: string, body: Uint8Array): LostBatch {
  let batch: Partial<LostBatch> | null | undefined;
  try {
    const record: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    batch = (record as { readonly KinesisBatchInfo?: Partial<LostBatch> } | null)?.KinesisBatchInfo;
  } catch (cause) {
    throw notALostBatch(key, "it is not JSON", cause);
  }
  const { streamArn, shardId, startSequenceNumber, batchSize } = batch ?? {};
  if (
    typeof streamArn !== "string" ||
    typeof shardId !== "string" ||
    typeof startSequenceNumber !== "string"
  ) {
    throw notALostBatch(key, "its KinesisBatchInfo has no stream, shard or sequence number");
  }
  return { streamArn, shardId, startSequenceNumber, batchSize: batchSize ?? 0 };
}

function notALostBatch(key: string, problem: string, cause?: unknown): FreshetError {
  return new FreshetError(
    "OBJECT_STORE_UNREADABLE",
    `object ${key} is no record of a batch that Lambda gave up: ${problem}.`,
    { cause },
  );
}

import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";

/** What Lambda would invoke. Throwing fails the whole batch; an answer may fail it from a record on. */
export type KinesisBatchHandler = (
  event: KinesisStreamEvent,
  // biome-ignore lint/suspicious/noConfusingVoidType: a Lambda handler that reports nothing returns void
) => Promise<KinesisStreamBatchResponse | null | undefined | void>;

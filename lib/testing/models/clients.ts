import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Command } from "./answer.ts";

/** Carries out a command of the SDK: a model's own `send`, or one with faults around it. */
export type Send = (command: Command) => Promise<object>;

/** A `send` as the SDK's client, for code that takes one and calls nothing but `send` and `destroy`. */
export const asDynamoDBClient = (send: Send): DynamoDBClient =>
  ({ send, destroy() {} }) as unknown as DynamoDBClient;

/** As {@link asDynamoDBClient}, for Kinesis. */
export const asKinesisClient = (send: Send): KinesisClient =>
  ({ send, destroy() {} }) as unknown as KinesisClient;

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Environment } from "./environment.ts";

/** As many connections as conditional writes and reads may run at a time. */
const MAX_SOCKETS = 64;

/** A call that answers nothing for so long is in doubt: the write loop reads what became of it. */
const REQUEST_TIMEOUT_MS = 5_000;

function settings(environment: Environment, service: "DYNAMODB" | "KINESIS" | "S3") {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  const endpoint = environment[`AWS_ENDPOINT_URL_${service}`] ?? environment.AWS_ENDPOINT_URL;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(AWS_REGION === undefined ? {} : { region: AWS_REGION }),
    ...(AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: AWS_ACCESS_KEY_ID,
            secretAccessKey: AWS_SECRET_ACCESS_KEY,
            ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
          },
        }),
    // Else each call sorts its middleware anew: a quarter of a call's processor time.
    cacheMiddleware: true,
    // HTTP/1.1 for Kinesis too, whose default is HTTP/2: LocalStack-compatible servers speak the former.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2_000,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
      httpsAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
    }),
  };
}

/** One attempt a call: the store retries by itself, and must know a throttled write from one in doubt. */
export function dynamoClient(environment: Environment): DynamoDBClient {
  return new DynamoDBClient({ ...settings(environment, "DYNAMODB"), maxAttempts: 1 });
}

export function kinesisClient(environment: Environment): KinesisClient {
  return new KinesisClient(settings(environment, "KINESIS"));
}

/** Buckets are named in the path where the endpoint is not AWS's own. */
export function s3Client(environment: Environment): S3Client {
  const own = settings(environment, "S3");
  return new S3Client({ ...own, forcePathStyle: "endpoint" in own });
}

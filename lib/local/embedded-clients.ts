import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** The embedded servers take any; they are never sent anywhere else. */
export const EMBEDDED_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** The region that the embedded servers write into ARNs when the environment names none. */
export const EMBEDDED_REGION = "us-east-1";

/** Connections a client opens at once: writes run side by side. */
const MAX_SOCKETS = 64;

/** A Kinesis client for an embedded server. kinesalite speaks HTTP/1.1, and the SDK's default is HTTP/2. */
export function embeddedKinesisClient(endpoint: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: EMBEDDED_REGION,
    credentials: EMBEDDED_CREDENTIALS,
    cacheMiddleware: true,
    requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: MAX_SOCKETS, keepAlive: true } }),
  });
}

/** A DynamoDB client for an embedded server. */
export function embeddedDynamoClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: EMBEDDED_REGION,
    credentials: EMBEDDED_CREDENTIALS,
    cacheMiddleware: true,
    requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: MAX_SOCKETS, keepAlive: true } }),
  });
}

import { CreateTableCommand, type DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";

/** The one table (docs/state-format.md): no sort key, no index, on demand. */
export const TABLE_SPEC = {
  partitionKey: "pk",
  /** DynamoDB deletes an item some time after this attribute, in seconds since the epoch. */
  timeToLiveAttribute: "ttl",
} as const;

/**
 * Creates the table and waits until it takes calls. For local use and tests: a deployment's table is made by the
 * constructs, which also turn on its TTL. Here expired items merely stay, and read as never seen.
 *
 * @example
 * ```ts
 * await createTable(client, "freshet");
 * ```
 */
export async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: TABLE_SPEC.partitionKey, AttributeType: "S" }],
      KeySchema: [{ AttributeName: TABLE_SPEC.partitionKey, KeyType: "HASH" }],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 2 }, { TableName: table });
}

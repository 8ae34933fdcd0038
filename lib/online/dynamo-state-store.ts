import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";
import { FreshetError } from "../define/error.ts";
import { type BackoffOptions, fullJitterMs, systemTiming, type Timing } from "./backoff.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { itemBytes, marshalItem, marshalValue, unmarshalItem } from "./marshal.ts";
import { runConcurrently } from "./run-concurrently.ts";
import type { Expected, GetOptions, PutOptions, PutOutcome, StateStore, StoredItem } from "./state-store.ts";

/** DynamoDB's own bound on the keys of a BatchGetItem. */
const KEYS_A_CALL = 100;
/** How many BatchGetItem calls of one `get` run at a time. */
const CALLS_AT_A_TIME = 8;

/** What {@link createDynamoStateStore} takes. */
export interface DynamoStateStoreOptions {
  /** Make it with `maxAttempts: 1`: the store retries by itself, and tells a throttled write from one in doubt. */
  readonly client: DynamoDBClient;
  /** The table's name. */
  readonly table: string;
  /** Waits between attempts, and their jitter. @default the machine's timer and generator */
  readonly timing?: Timing;
  /** How calls that fail for an outside cause are sent again. @default 8 attempts, 25 ms to 2 s apart */
  readonly backoff?: BackoffOptions;
}

type Marshalled = Record<string, AttributeValue>;

/**
 * The state store on DynamoDB, or on anything that speaks its protocol.
 *
 * @example
 * ```ts
 * const store = createDynamoStateStore({ client: new DynamoDBClient({ maxAttempts: 1 }), table: "freshet" });
 * ```
 */
export function createDynamoStateStore(options: DynamoStateStoreOptions): StateStore {
  const { client, table, timing = systemTiming, backoff = {} } = options;
  const { attempts = 8 } = backoff;

  const waitBefore = (attempt: number) => timing.sleep(fullJitterMs(attempt, timing.random, backoff));
  const unavailable = (doing: string, cause: unknown) =>
    new FreshetError("STORE_UNAVAILABLE", `table ${table}: ${doing} failed: ${messageOf(cause)}`, { cause });

  /** Reads have no effect, so whatever may pass is sent again. */
  async function sendRead<Output>(
    doing: string,
    meter: CapacityMeter | undefined,
    send: () => Promise<Output>,
  ): Promise<Output> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (meter !== undefined) meter.readCalls++;
        return await send();
      } catch (error) {
        if (!isThrottle(error) && !isInDoubt(error)) throw unavailable(doing, error);
        if (meter !== undefined) meter.throttles++;
        if (attempt + 1 >= attempts) throw unavailable(`${doing}, ${attempts} times,`, error);
        await waitBefore(attempt);
      }
    }
  }

  async function getChunk(keys: readonly string[], { consistent, meter }: GetOptions): Promise<StoredItem[]> {
    const found: StoredItem[] = [];
    let pending: Marshalled[] = keys.map((pk) => ({ pk: { S: pk } }));
    for (let attempt = 0; ; attempt++) {
      const command = new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: pending, ConsistentRead: consistent } },
        ReturnConsumedCapacity: "TOTAL",
      });
      const output = await sendRead(`reading ${pending.length} items`, meter, () => client.send(command));
      if (meter !== undefined)
        for (const used of output.ConsumedCapacity ?? []) meter.readUnits += unitsOf(used);
      const answered = output.Responses?.[table] ?? [];
      for (const attributes of answered) found.push(unmarshalItem(attributes));
      pending = output.UnprocessedKeys?.[table]?.Keys ?? [];
      if (pending.length === 0) return found;
      // Part of an answer that is full (16 MB) is no sign of overload: only an empty one counts as an attempt.
      if (answered.length > 0) attempt = 0;
      if (meter !== undefined) meter.throttles++;
      if (attempt + 1 >= attempts) {
        throw unavailable(`reading ${pending.length} items`, new Error(`unprocessed ${attempts} times over`));
      }
      await waitBefore(attempt);
    }
  }

  async function get(
    keys: readonly string[],
    getOptions: GetOptions,
  ): Promise<ReadonlyMap<string, StoredItem>> {
    const distinct = [...new Set(keys)];
    const chunks: string[][] = [];
    for (let at = 0; at < distinct.length; at += KEYS_A_CALL)
      chunks.push(distinct.slice(at, at + KEYS_A_CALL));
    const items = new Map<string, StoredItem>();
    await runConcurrently(chunks, CALLS_AT_A_TIME, async (chunk) => {
      for (const item of await getChunk(chunk, getOptions)) items.set(item.pk, item);
    });
    return items;
  }

  async function put(item: StoredItem, { expected, meter }: PutOptions): Promise<PutOutcome> {
    const command = new PutItemCommand({
      TableName: table,
      Item: marshalItem(item),
      ...conditionOf(expected),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      ReturnConsumedCapacity: "TOTAL",
    });
    for (let attempt = 0; ; attempt++) {
      try {
        if (meter !== undefined) meter.writeCalls++;
        const output = await client.send(command);
        if (meter !== undefined) meter.writeUnits += unitsOf(output.ConsumedCapacity);
        return { status: "written" };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          const found =
            error.Item === undefined
              ? // dynalite answers no item, and DynamoDB none when there is none.
                (await get([item.pk], { consistent: true, meter })).get(item.pk)
              : unmarshalItem(error.Item);
          if (meter !== undefined) {
            meter.failedConditions++;
            const billedBytes = Math.max(itemBytes(item), found === undefined ? 0 : itemBytes(found));
            meter.writeUnits += Math.ceil(billedBytes / 1024);
          }
          return { status: "conflict", item: found };
        }
        if (!isThrottle(error)) {
          if (isInDoubt(error)) return { status: "unknown", cause: error };
          throw unavailable(`writing item ${item.pk}`, error);
        }
        if (meter !== undefined) meter.throttles++;
        if (attempt + 1 >= attempts) throw unavailable(`writing item ${item.pk}, ${attempts} times,`, error);
        await waitBefore(attempt);
      }
    }
  }

  async function* scan({ meter }: { readonly meter?: CapacityMeter } = {}): AsyncIterable<StoredItem> {
    let start: Marshalled | undefined;
    do {
      const command: ScanCommand = new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ReturnConsumedCapacity: "TOTAL",
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      const page = await sendRead("scanning", meter, () => client.send(command));
      if (meter !== undefined) meter.readUnits += unitsOf(page.ConsumedCapacity);
      for (const attributes of page.Items ?? []) yield unmarshalItem(attributes);
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  return { get, put, scan };
}

function conditionOf(expected: Expected): {
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Marshalled;
} {
  if (expected === null) {
    return { ConditionExpression: "attribute_not_exists(#0)", ExpressionAttributeNames: { "#0": "pk" } };
  }
  const attributes = Object.entries(expected);
  const values = attributes.flatMap(([, value], i) =>
    value === null ? [] : [[`:${i}`, marshalValue(value)] as const],
  );
  return {
    ConditionExpression: attributes
      .map(([, value], i) => (value === null ? `attribute_not_exists(#${i})` : `#${i} = :${i}`))
      .join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], i) => [`#${i}`, name])),
    ...(values.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(values) }),
  };
}

function isThrottle(error: unknown): boolean {
  return error instanceof Error && isThrottlingError(error as Parameters<typeof isThrottlingError>[0]);
}

/** Timeouts, broken connections and 5xx: the call may have been carried out. */
function isInDoubt(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const sdkError = error as Parameters<typeof isTransientError>[0];
  return isTransientError(sdkError) || isServerError(sdkError);
}

function unitsOf(consumed: ConsumedCapacity | undefined): number {
  return consumed?.CapacityUnits ?? 0;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

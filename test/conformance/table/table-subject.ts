import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemInput,
} from "@aws-sdk/client-dynamodb";
import { outcome } from "../check.ts";

/** A DynamoDB, or what speaks as one. */
export interface TableSubject {
  readonly client: DynamoDBClient;
  /** The name of a new, empty table. */
  newTable(): Promise<string>;
  /** After each check: a server that is not ours is left no tables. */
  cleanUp(): Promise<void>;
  stop(): Promise<void>;
}

export type Item = Record<string, AttributeValue>;

/** What a condition is made of, and what is asked for beside it. */
export type PutExtras = Omit<PutItemInput, "TableName" | "Item">;

export function put({ client }: TableSubject, table: string, item: Item, extras: PutExtras = {}) {
  return client.send(new PutItemCommand({ TableName: table, Item: item, ...extras }));
}

/** `answered`, or the name of the exception. */
export function putOutcome(subject: TableSubject, table: string, item: Item, extras?: PutExtras) {
  return outcome(put(subject, table, item, extras));
}

/** The item that stands, by a strongly consistent read. */
export async function standing(
  { client }: TableSubject,
  table: string,
  pk: string,
): Promise<Item | undefined> {
  const { Responses } = await client.send(
    new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: [{ pk: { S: pk } }], ConsistentRead: true } },
    }),
  );
  return Responses?.[table]?.[0];
}

/** The write units that a put consumes. */
export async function putUnits(
  subject: TableSubject,
  table: string,
  item: Item,
): Promise<number | undefined> {
  const { ConsumedCapacity } = await put(subject, table, item, { ReturnConsumedCapacity: "TOTAL" });
  return ConsumedCapacity?.CapacityUnits;
}

export const text = (S: string): AttributeValue => ({ S });
export const number = (N: string): AttributeValue => ({ N });
export const bytes = (...values: number[]): AttributeValue => ({ B: Uint8Array.from(values) });

/** An item that counts as so many bytes: `pk` of one character, and a binary attribute of one-character name. */
export function itemOfBytes(pk: string, size: number): Item {
  const names = "pk".length + pk.length + "b".length;
  return { pk: text(pk), b: { B: new Uint8Array(size - names) } };
}

/** Keys in the order of their numbers. */
export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `k${String(n).padStart(3, "0")}`);

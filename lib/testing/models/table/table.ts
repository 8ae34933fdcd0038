import { createHash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "./attribute.ts";
import { KeptItem } from "./kept-item.ts";
import { validationError } from "./table-errors.ts";

const MAX_KEY_BYTES = 2_048;

/** One table: a partition key of text, no sort key. */
export interface Table {
  readonly name: string;
  readonly partitionKey: string;
  readonly createdMs: number;
  readonly items: Map<string, KeptItem>;
  /** The attribute of DynamoDB's TTL, when it is on. */
  timeToLiveAttribute: string | undefined;
}

/** The value of an item's or a request's partition key. @throws the server's ValidationException */
export function partitionKeyOf(table: Table, attributes: Item): string {
  const value: AttributeValue | undefined = attributes[table.partitionKey];
  if (value === undefined) {
    throw validationError(
      `One or more parameter values were invalid: Missing the key ${table.partitionKey} in the item`,
    );
  }
  if (value.S === undefined) {
    throw validationError(
      `One or more parameter values were invalid: Type mismatch for key ${table.partitionKey} expected: S`,
    );
  }
  if (value.S === "") {
    throw validationError(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${table.partitionKey}`,
    );
  }
  if (Buffer.byteLength(value.S) > MAX_KEY_BYTES) {
    throw validationError(
      `One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of ${MAX_KEY_BYTES} bytes`,
    );
  }
  return value.S;
}

/** A read names the key and nothing else. @throws the server's ValidationException */
export function requestedKey(table: Table, key: Item): string {
  if (Object.keys(key).length !== 1 || key[table.partitionKey]?.S === undefined) {
    throw validationError("The provided key element does not match the schema");
  }
  return partitionKeyOf(table, key);
}

export function itemAt(table: Table, pk: string): KeptItem {
  const kept = table.items.get(pk) ?? new KeptItem();
  table.items.set(pk, kept);
  return kept;
}

/** The order of a scan: partitions are placed by a hash, so that it looks like none. */
export function scanOrder(pk: string): string {
  return createHash("md5").update(pk).digest("hex");
}

import type {
  AttributeValue,
  BatchGetItemInput,
  BatchGetItemOutput,
  ConsumedCapacity,
  GetItemInput,
  GetItemOutput,
  KeysAndAttributes,
} from "@aws-sdk/client-dynamodb";
import { onlyFields } from "../answer.ts";
import { copyItem, type Item, itemSizeBytes } from "./attribute.ts";
import { capacityReport, readUnits } from "./capacity.ts";
import { requestedKey, scanOrder, type Table } from "./table.ts";
import { validationError } from "./table-errors.ts";
import { findTable, type Tables } from "./tables.ts";

const MAX_KEYS = 100;
/** 16 MB, over all tables of a call. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export function getItem(tables: Tables, input: GetItemInput): GetItemOutput {
  onlyFields("GetItem", input, ["TableName", "Key", "ConsistentRead", "ReturnConsumedCapacity"]);
  const report = capacityReport(input.ReturnConsumedCapacity);
  const table = findTable(tables, input.TableName);
  const consistent = input.ConsistentRead === true;
  const item = readItem(tables, table, requestedKey(table, input.Key ?? {}), consistent);
  const units = readUnits(item === undefined ? 0 : itemSizeBytes(item), consistent);
  tables.billed.readUnits += units;
  const ConsumedCapacity = report(table.name, units);
  return {
    ...(item === undefined ? {} : { Item: copyItem(item) }),
    ...(ConsumedCapacity === undefined ? {} : { ConsumedCapacity }),
  };
}

/** Items by name, in no order that a caller could rely on; what finds no room in the answer is unprocessed. */
export function batchGetItem(tables: Tables, input: BatchGetItemInput): BatchGetItemOutput {
  onlyFields("BatchGetItem", input, ["RequestItems", "ReturnConsumedCapacity"]);
  const report = capacityReport(input.ReturnConsumedCapacity);
  const requests = Object.entries(input.RequestItems ?? {});
  if (requests.length === 0) {
    throw validationError(
      "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  const keyCount = requests.reduce((count, [, { Keys = [] }]) => count + Keys.length, 0);
  if (keyCount > MAX_KEYS) throw validationError("Too many items requested for the BatchGetItem call");

  const found = requests.map(([name, request]) => ({ ...findRequested(tables, name, request), request }));
  const Responses: Record<string, Record<string, AttributeValue>[]> = {};
  const UnprocessedKeys: Record<string, KeysAndAttributes> = {};
  const ConsumedCapacity: ConsumedCapacity[] = [];
  let answerBytes = 0;
  for (const { table, consistent, items, request } of found) {
    const answered: Record<string, AttributeValue>[] = [];
    const unprocessed: Record<string, AttributeValue>[] = [];
    let units = 0;
    for (const { key, item } of items) {
      const bytes = item === undefined ? 0 : itemSizeBytes(item);
      if (answerBytes + bytes > MAX_ANSWER_BYTES) {
        unprocessed.push(copyItem(key));
        continue;
      }
      answerBytes += bytes;
      units += readUnits(bytes, consistent);
      if (item !== undefined) answered.push(copyItem(item));
    }
    Responses[table.name] = answered;
    if (unprocessed.length > 0) UnprocessedKeys[table.name] = { ...request, Keys: unprocessed };
    tables.billed.readUnits += units;
    const capacity = report(table.name, units);
    if (capacity !== undefined) ConsumedCapacity.push(capacity);
  }
  return { Responses, UnprocessedKeys, ...(ConsumedCapacity.length === 0 ? {} : { ConsumedCapacity }) };
}

/** Everything is checked before anything is read or billed. */
function findRequested(tables: Tables, name: string, request: KeysAndAttributes) {
  onlyFields("BatchGetItem's keys", request, ["Keys", "ConsistentRead"]);
  const { Keys = [], ConsistentRead } = request;
  if (Keys.length === 0) {
    throw validationError(
      `1 validation error detected: Value at 'requestItems.${name}.member.keys' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  if (Keys.length > 1 && new Set(Keys.map((key) => JSON.stringify(key))).size < Keys.length)
    throw validationError("Provided list of item keys contains duplicates");
  const table = findTable(tables, name);
  const consistent = ConsistentRead === true;
  const asked = Keys.map((key) => ({ key, pk: requestedKey(table, key) }));
  const inOrder =
    asked.length === 1
      ? asked
      : asked
          .map(({ key, pk }) => ({ key, pk, order: scanOrder(pk) }))
          .sort((left, right) => (left.order < right.order ? -1 : 1));
  const items = inOrder.map(({ key, pk }) => ({ key, item: readItem(tables, table, pk, consistent) }));
  return { table, consistent, items };
}

/** An eventually consistent read may see what stood there before; how far back is the injected function's choice. */
export function readItem(tables: Tables, table: Table, pk: string, consistent: boolean): Item | undefined {
  const kept = table.items.get(pk);
  if (kept === undefined || consistent || kept.older.length === 0) return kept?.current;
  const supersededMs = kept.older.map((version) => version.supersededMs);
  return kept.behind(tables.versionsBehind({ table: table.name, pk, supersededMs }));
}

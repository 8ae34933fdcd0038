import type { AttributeValue, ScanInput, ScanOutput } from "@aws-sdk/client-dynamodb";
import { onlyFields } from "../answer.ts";
import { copyItem, itemSizeBytes } from "./attribute.ts";
import { capacityReport, readUnits } from "./capacity.ts";
import { readItem } from "./read-items.ts";
import { requestedKey, scanOrder } from "./table.ts";
import { validationError } from "./table-errors.ts";
import { findTable, type Tables } from "./tables.ts";

/** A page ends with the item that reaches 1 MB. */
const PAGE_BYTES = 1024 * 1024;

export function scan(tables: Tables, input: ScanInput): ScanOutput {
  onlyFields("Scan", input, [
    "TableName",
    "ConsistentRead",
    "Limit",
    "ExclusiveStartKey",
    "ReturnConsumedCapacity",
  ]);
  const report = capacityReport(input.ReturnConsumedCapacity);
  const table = findTable(tables, input.TableName);
  const { Limit = Number.POSITIVE_INFINITY, ExclusiveStartKey } = input;
  if (Limit < 1) {
    throw validationError(
      `1 validation error detected: Value '${Limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
  }
  const consistent = input.ConsistentRead === true;
  const after = ExclusiveStartKey === undefined ? "" : scanOrder(requestedKey(table, ExclusiveStartKey));
  const places = [...table.items.keys()]
    .map((pk) => ({ pk, order: scanOrder(pk) }))
    .filter(({ order }) => order > after)
    .sort((left, right) => (left.order < right.order ? -1 : 1));

  const Items: Record<string, AttributeValue>[] = [];
  let bytes = 0;
  let last: string | undefined;
  for (const { pk } of places) {
    if (Items.length >= Limit || bytes >= PAGE_BYTES) break;
    const item = readItem(tables, table, pk, consistent);
    if (item === undefined) continue;
    last = pk;
    bytes += itemSizeBytes(item);
    Items.push(copyItem(item));
  }
  const isFull = Items.length >= Limit || bytes >= PAGE_BYTES;
  // Unlike reads by name, a page is rounded up as a whole.
  const units = readUnits(bytes, consistent);
  tables.billed.readUnits += units;
  const ConsumedCapacity = report(table.name, units);
  return {
    Items,
    Count: Items.length,
    ScannedCount: Items.length,
    ...(isFull && last !== undefined ? { LastEvaluatedKey: { [table.partitionKey]: { S: last } } } : {}),
    ...(ConsumedCapacity === undefined ? {} : { ConsumedCapacity }),
  };
}

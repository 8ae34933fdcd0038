import type { PutItemInput, PutItemOutput } from "@aws-sdk/client-dynamodb";
import { onlyFields } from "../answer.ts";
import { copyItem, itemSizeBytes } from "./attribute.ts";
import { capacityReport, writeUnits } from "./capacity.ts";
import { parseCondition } from "./condition.ts";
import { itemAt, partitionKeyOf } from "./table.ts";
import { conditionFailed, validationError } from "./table-errors.ts";
import { findTable, type Tables } from "./tables.ts";

/** 400 KB, names included. */
export const MAX_ITEM_BYTES = 409_600;

/** Replaces an item whole, if its condition holds. A condition that fails is billed too. */
export function putItem(tables: Tables, input: PutItemInput): PutItemOutput {
  onlyFields("PutItem", input, [
    "TableName",
    "Item",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
    "ReturnConsumedCapacity",
  ]);
  const { TableName, Item = {}, ReturnValuesOnConditionCheckFailure: onFailure = "NONE" } = input;
  const report = capacityReport(input.ReturnConsumedCapacity);
  const item = copyItem(Item);
  const bytes = itemSizeBytes(item);
  if (bytes > MAX_ITEM_BYTES) throw validationError("Item size has exceeded the maximum allowed size");
  const condition = parseCondition(input);
  const table = findTable(tables, TableName);
  const pk = partitionKeyOf(table, item);

  const stands = table.items.get(pk)?.current;
  const units = writeUnits(stands === undefined ? 0 : itemSizeBytes(stands), bytes);
  tables.billed.writeUnits += units;
  if (!condition(stands)) {
    const isAnswered = onFailure === "ALL_OLD" && stands !== undefined;
    throw conditionFailed(isAnswered ? copyItem(stands) : undefined);
  }
  itemAt(table, pk).replace(item, tables.clock.now());
  const ConsumedCapacity = report(table.name, units);
  return ConsumedCapacity === undefined ? {} : { ConsumedCapacity };
}

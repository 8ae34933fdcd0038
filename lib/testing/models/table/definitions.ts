import type {
  CreateTableInput,
  CreateTableOutput,
  DescribeTableInput,
  DescribeTableOutput,
  DescribeTimeToLiveInput,
  DescribeTimeToLiveOutput,
  TableDescription,
  UpdateTimeToLiveInput,
  UpdateTimeToLiveOutput,
} from "@aws-sdk/client-dynamodb";
import { onlyFields } from "../answer.ts";
import type { Table } from "./table.ts";
import { tableInUse, validationError } from "./table-errors.ts";
import { findTable, type Tables } from "./tables.ts";

const TABLE_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

export function createTable(tables: Tables, input: CreateTableInput): CreateTableOutput {
  onlyFields("CreateTable", input, ["TableName", "BillingMode", "AttributeDefinitions", "KeySchema"]);
  const { TableName: name, BillingMode, AttributeDefinitions = [], KeySchema = [] } = input;
  if (name === undefined || !TABLE_NAME.test(name)) {
    throw validationError("TableName must be at least 3 characters long and at most 255 characters long");
  }
  const [key, ...furtherKeys] = KeySchema;
  const [definition, ...furtherDefinitions] = AttributeDefinitions;
  const isKnown =
    BillingMode === "PAY_PER_REQUEST" &&
    key?.KeyType === "HASH" &&
    furtherKeys.length + furtherDefinitions.length === 0 &&
    definition?.AttributeName === key.AttributeName &&
    definition?.AttributeType === "S";
  if (!isKnown)
    throw new Error("the table model knows tables on demand with a partition key of type S alone.");
  if (tables.byName.has(name)) throw tableInUse(name);
  const table: Table = {
    name,
    partitionKey: key.AttributeName!,
    createdMs: tables.clock.now(),
    items: new Map(),
    timeToLiveAttribute: undefined,
  };
  tables.byName.set(name, table);
  return { TableDescription: describe(table) };
}

export function describeTable(tables: Tables, input: DescribeTableInput): DescribeTableOutput {
  onlyFields("DescribeTable", input, ["TableName"]);
  return { Table: describe(findTable(tables, input.TableName)) };
}

export function updateTimeToLive(tables: Tables, input: UpdateTimeToLiveInput): UpdateTimeToLiveOutput {
  onlyFields("UpdateTimeToLive", input, ["TableName", "TimeToLiveSpecification"]);
  const table = findTable(tables, input.TableName);
  const { Enabled, AttributeName } = input.TimeToLiveSpecification ?? {};
  if (Enabled !== true || AttributeName === undefined) {
    throw new Error("the table model knows how to turn TTL on, not how to turn it off.");
  }
  if (table.timeToLiveAttribute !== undefined) throw validationError("TimeToLive is already enabled");
  table.timeToLiveAttribute = AttributeName;
  return { TimeToLiveSpecification: { Enabled, AttributeName } };
}

export function describeTimeToLive(tables: Tables, input: DescribeTimeToLiveInput): DescribeTimeToLiveOutput {
  onlyFields("DescribeTimeToLive", input, ["TableName"]);
  const { timeToLiveAttribute: AttributeName } = findTable(tables, input.TableName);
  if (AttributeName === undefined) return { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } };
  return { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName } };
}

/** Tables are ready at once. */
function describe(table: Table): TableDescription {
  return {
    TableName: table.name,
    TableStatus: "ACTIVE",
    CreationDateTime: new Date(table.createdMs),
    KeySchema: [{ AttributeName: table.partitionKey, KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: table.partitionKey, AttributeType: "S" }],
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
  };
}

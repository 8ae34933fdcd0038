import {
  BatchGetItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../engine/ports/clock.ts";
import { type Answer, answerMetadata, type Command, settle } from "./answer.ts";
import { copyItem, type Item } from "./table/attribute.ts";
import type { Billed } from "./table/capacity.ts";
import { createTable, describeTable, describeTimeToLive, updateTimeToLive } from "./table/definitions.ts";
import { deleteExpired, expiredKeys } from "./table/expiry.ts";
import type { VersionsBehind } from "./table/kept-item.ts";
import { putItem } from "./table/put-item.ts";
import { batchGetItem, getItem } from "./table/read-items.ts";
import { scan } from "./table/scan.ts";
import { findTable, type Tables } from "./table/tables.ts";

export type { EventualRead, VersionsBehind } from "./table/kept-item.ts";

export interface TableModelOptions {
  /** The server's own clock: TTL goes by it, and the age of older versions. */
  readonly clock: Clock;
  /**
   * How stale an eventually consistent read is; asked for each key that has older versions.
   * @default never stale
   */
  readonly versionsBehind?: VersionsBehind;
}

/** A DynamoDB in memory, by the SDK's commands. It knows no faults and takes no time: both are put around it. */
export interface TableModel {
  /**
   * Carries out a command at once.
   *
   * @throws Error for a command or a parameter that is not modelled.
   */
  apply(command: Command): Answer;
  /** {@link apply}, as the SDK's client has it. */
  send(command: Command): Promise<object>;
  /** The keys of the items that DynamoDB's TTL may delete by now. @throws Error when the table's TTL is off. */
  expiredKeys(table: string): readonly string[];
  /** TTL deletes one of {@link expiredKeys}: `false` when it is gone already. @throws Error when it has not expired. */
  deleteExpired(table: string, pk: string): boolean;
  /** Every item that stands, by key: for checks, neither billed nor stale. */
  items(table: string): ReadonlyMap<string, Item>;
  /** The units of every call so far, failed conditions included. */
  readonly billed: Readonly<Billed>;
}

/**
 * An empty server.
 *
 * @example
 * ```ts
 * const model = createTableModel({ clock: { now: () => 0 } });
 * await createTable(asDynamoDBClient(model.send), "freshet");
 * ```
 */
export function createTableModel(options: TableModelOptions): TableModel {
  const { clock, versionsBehind = () => 0 } = options;
  const tables: Tables = {
    clock,
    versionsBehind,
    byName: new Map(),
    billed: { readUnits: 0, writeUnits: 0 },
  };
  const apply = (command: Command): Answer => {
    try {
      return { ok: true, output: { $metadata: answerMetadata(200), ...carryOut(tables, command) } };
    } catch (error) {
      if (error instanceof DynamoDBServiceException) return { ok: false, error };
      throw error;
    }
  };
  return {
    apply,
    send: async (command) => settle(apply(command)),
    expiredKeys: (table) => expiredKeys(tables, table),
    deleteExpired: (table, pk) => deleteExpired(tables, table, pk),
    items: (table) => standingItems(tables, table),
    billed: tables.billed,
  };
}

function carryOut(tables: Tables, command: Command): object {
  if (command instanceof PutItemCommand) return putItem(tables, command.input);
  if (command instanceof BatchGetItemCommand) return batchGetItem(tables, command.input);
  if (command instanceof GetItemCommand) return getItem(tables, command.input);
  if (command instanceof ScanCommand) return scan(tables, command.input);
  if (command instanceof CreateTableCommand) return createTable(tables, command.input);
  if (command instanceof DescribeTableCommand) return describeTable(tables, command.input);
  if (command instanceof UpdateTimeToLiveCommand) return updateTimeToLive(tables, command.input);
  if (command instanceof DescribeTimeToLiveCommand) return describeTimeToLive(tables, command.input);
  throw new Error(`the table model does not know the command ${command.constructor.name}.`);
}

function standingItems(tables: Tables, tableName: string): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  for (const [pk, { current }] of findTable(tables, tableName).items) {
    if (current !== undefined) items.set(pk, copyItem(current));
  }
  return items;
}

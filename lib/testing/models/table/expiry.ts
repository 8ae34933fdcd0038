import type { Item } from "./attribute.ts";
import type { Table } from "./table.ts";
import { findTable, type Tables } from "./tables.ts";

/** DynamoDB lets alone what claims to have expired longer ago: rather a mistake than a wish. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 86_400;

/**
 * The keys of the items that DynamoDB may delete by now: some do so days later, in no order.
 *
 * @throws Error when the table's TTL is off.
 */
export function expiredKeys(tables: Tables, tableName: string): readonly string[] {
  const table = findTable(tables, tableName);
  return [...table.items].filter(([, { current }]) => hasExpired(tables, table, current)).map(([pk]) => pk);
}

/**
 * Deletes an item as DynamoDB's TTL does. Answers whether there was one to delete.
 *
 * @throws Error for an item that has not expired, and when the table's TTL is off.
 */
export function deleteExpired(tables: Tables, tableName: string, pk: string): boolean {
  const table = findTable(tables, tableName);
  const kept = table.items.get(pk);
  if (kept?.current === undefined) return false;
  if (!hasExpired(tables, table, kept.current))
    throw new Error(`item ${pk} of ${tableName} has not expired.`);
  kept.replace(undefined, tables.clock.now());
  return true;
}

function hasExpired({ clock }: Tables, table: Table, item: Item | undefined): boolean {
  const attribute = table.timeToLiveAttribute;
  if (attribute === undefined) throw new Error(`table ${table.name} has its TTL turned off.`);
  const expiry = item?.[attribute]?.N;
  if (expiry === undefined) return false;
  const nowSeconds = Math.floor(clock.now() / 1_000);
  return Number(expiry) < nowSeconds && Number(expiry) >= nowSeconds - OLDEST_EXPIRY_SECONDS;
}

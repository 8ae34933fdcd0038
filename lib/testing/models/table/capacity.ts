import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";

/** What the table was charged, failed conditions and absent items included. */
export interface Billed {
  readUnits: number;
  writeUnits: number;
}

const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;

/** An item that is not there costs as the smallest does. */
export function readUnits(sizeBytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(sizeBytes / READ_UNIT_BYTES)) * (consistent ? 1 : 0.5);
}

/** By the larger of the item that stood there and the one given. */
export function writeUnits(oldBytes: number, newBytes: number): number {
  return Math.max(1, Math.ceil(Math.max(oldBytes, newBytes) / WRITE_UNIT_BYTES));
}

/** Says what a call consumed, if it asked to be told. */
export type CapacityReport = (table: string, units: number) => ConsumedCapacity | undefined;

/** @throws Error for a `ReturnConsumedCapacity` that is not modelled, before anything is done. */
export function capacityReport(wanted: string | undefined): CapacityReport {
  if (wanted === undefined || wanted === "NONE") return () => undefined;
  if (wanted !== "TOTAL") {
    throw new Error(`the table model knows ReturnConsumedCapacity TOTAL; it was given ${wanted}.`);
  }
  return (TableName, CapacityUnits) => ({ TableName, CapacityUnits });
}

import { dataFaults } from "./data.ts";
import { deliveryFaults } from "./delivery.ts";
import type { Fault } from "./fault.ts";
import { processFaults } from "./process.ts";
import { tableFaults } from "./table.ts";

const all = [...deliveryFaults, ...processFaults, ...tableFaults, ...dataFaults] as const;

export type FaultName = (typeof all)[number]["name"];

/** Every fault, by its name. */
export const faults: ReadonlyMap<FaultName, Fault> = new Map(all.map((fault) => [fault.name, fault]));

export const faultNames: readonly FaultName[] = all.map(({ name }) => name);

export function isFaultName(name: string): name is FaultName {
  return faults.has(name as FaultName);
}

import type { Check } from "../check.ts";
import { conditionChecks } from "./conditions.ts";
import { itemChecks } from "./items.ts";
import { readChecks } from "./reads.ts";
import type { TableSubject } from "./table-subject.ts";
import { tableChecks } from "./tables.ts";

/** What the state store relies on. */
export const tableSuite: readonly Check<TableSubject>[] = [
  ...conditionChecks,
  ...itemChecks,
  ...readChecks,
  ...tableChecks,
];

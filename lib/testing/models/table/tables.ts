import type { Clock } from "../../../engine/ports/clock.ts";
import type { Billed } from "./capacity.ts";
import type { VersionsBehind } from "./kept-item.ts";
import type { Table } from "./table.ts";
import { tableNotFound, validationError } from "./table-errors.ts";

/** What one modelled server holds. */
export interface Tables {
  readonly clock: Clock;
  readonly versionsBehind: VersionsBehind;
  readonly byName: Map<string, Table>;
  readonly billed: Billed;
}

/** @throws the server's ResourceNotFoundException */
export function findTable(tables: Tables, name: string | undefined): Table {
  if (name === undefined) throw validationError("Value null at 'tableName' failed to satisfy constraint");
  const table = tables.byName.get(name);
  if (table === undefined) throw tableNotFound();
  return table;
}

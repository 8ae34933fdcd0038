import type { Source } from "../../define/types.ts";
import { historyColumns } from "./history-column.ts";
import { PAYLOAD_COLUMN, POSITION_COLUMNS } from "./history-record.ts";

/** A column by its name and type in Glue. */
export interface GlueColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * The columns of the Glue table by which Firehose writes a source's history as Parquet.
 *
 * @throws FreshetError `DEFINITION_INVALID` when two fields would be one column.
 */
export function glueColumns(source: Source): readonly GlueColumn[] {
  const fields = historyColumns(source).map(({ name, type }) => `${name}:${type}`);
  return [
    ...Object.entries(POSITION_COLUMNS).map(([name, type]) => ({ name, type })),
    { name: "event", type: `struct<${fields.join(",")}>` },
    { name: PAYLOAD_COLUMN, type: "string" },
  ];
}

import type { ColumnKind } from "./column-kind.ts";
import { keptValuesKind } from "./kept-values.ts";

/** The column of the `k` greatest or least numbers. Equal ones are alike, so there is no tie to break (R6). */
export function extremeListKind(end: "top" | "bottom", k: number): ColumnKind<number[] | null> {
  return keptValuesKind<number>({
    id: `${end}/${k}`,
    accepts: "number",
    k,
    maxValueBytes: 9,
    maxAgingBytes: 0,
    make: ({ value }) => (value as number) + 0,
    precedes: end === "top" ? (later, earlier) => later > earlier : (later, earlier) => later < earlier,
    write: (writer, value) => writer.number(value),
    read: (reader) => reader.number(),
  });
}

import type { FreshetError } from "../../lib/define/error.ts";
import type { Source } from "../../lib/define/types.ts";
import { historyColumns } from "../../lib/offline/history/history-column.ts";
import { refusalOf } from "./problem.ts";

/** What the history of a source refuses in a deployment that leaves all as it is by default: it is kept as Parquet. */
export function historyProblems(source: Source): readonly FreshetError[] {
  const refusal = refusalOf(() => historyColumns(source));
  return refusal === null ? [] : [refusal];
}

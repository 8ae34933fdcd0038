import type { Source } from "../../lib/define/types.ts";
import { type Environment, refuseVariable, requiredVariable } from "../environment.ts";

export interface HistoryEnvironment {
  readonly source: Source;
  readonly format: "parquet" | "json";
}

/**
 * Reads the transform's environment: `FRESHET_SOURCE`, the name of the source whose events pass, and
 * `FRESHET_HISTORY_FORMAT`, `parquet` or `json`.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function readEnvironment(environment: Environment, sources: readonly Source[]): HistoryEnvironment {
  const name = requiredVariable(environment, "FRESHET_SOURCE");
  const source = sources.find((each) => each.name === name);
  if (source === undefined) {
    throw refuseVariable(
      "FRESHET_SOURCE",
      `names the source ${JSON.stringify(name)}; there are ${sources.map((each) => each.name).join(", ")}.`,
    );
  }
  const format = requiredVariable(environment, "FRESHET_HISTORY_FORMAT");
  if (format !== "parquet" && format !== "json") {
    throw refuseVariable(
      "FRESHET_HISTORY_FORMAT",
      `is ${JSON.stringify(format)}; write "parquet" or "json".`,
    );
  }
  return { source, format };
}

import type { AggregationCall, AggregationName } from "../../lib/define/aggregation-call.ts";
import { AGGREGATION_TRAITS, type AggregationTraits } from "../../lib/define/aggregation-traits.ts";
import { AGGREGATION_SETTINGS, parametersOf, type Setting } from "../../lib/define/features/parameters.ts";
import type { ColumnKind } from "../../lib/engine/aggregations/column-kind.ts";
import { aggregations } from "../../lib/engine/aggregations/registry.ts";
import { bytesOfOneEvent } from "../../lib/engine/bounds.ts";

const INPUTS: Readonly<Record<AggregationTraits["takes"], string>> = {
  nothing: "events",
  number: "a number",
  scalar: "text, a number or a boolean",
};

const RESULTS: Readonly<Record<AggregationTraits["answers"], string>> = {
  number: "number",
  value: "a value of the field",
  numbers: "list of numbers",
  values: "list of values of the field",
  "value counts": "list of `{ value, count }`",
};

/** What the bytes are stated for, where the settings decide them. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  k: 3,
  p: 0.9,
  edges: [0, 10, 100],
  halfLife: "1h",
};

/** The table of every aggregation, in Markdown: what it takes and answers, what it keeps, and how exact it is. */
export function aggregationTable(): string {
  const header = ["aggregation", "of", "settings", "result", "empty", "bytes a tile", "exact, or its error"];
  const rows = Object.keys(AGGREGATION_TRAITS).map((name) => rowOf(name as AggregationName));
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function rowOf(name: AggregationName): readonly string[] {
  const { takes, answers, empty } = AGGREGATION_TRAITS[name];
  const settings = Object.entries(AGGREGATION_SETTINGS[name] ?? {});
  return [
    `\`${name}\``,
    INPUTS[takes],
    settings.map(([option, setting]) => `\`${option}\`: ${settingText(setting)}`).join("; ") || "",
    RESULTS[answers],
    String(empty),
    bytesText(name),
    aggregations[name].accuracy,
  ];
}

function settingText(setting: Setting): string {
  switch (setting.kind) {
    case "whole number": {
      const range = `${setting.least} to ${setting.most}`;
      return setting.standard === undefined ? range : `${range}, ${setting.standard} by default`;
    }
    case "duration":
      return setting.standard === undefined ? "a duration" : `a duration, ${setting.standard} by default`;
    case "fraction":
      return "0 to 1";
    case "ascending numbers":
      return `1 to ${setting.most} ascending numbers`;
  }
}

/** The bytes of a tile of one event, and the most that a tile takes. */
function bytesText(name: AggregationName): string {
  const call: AggregationCall = {
    name,
    value: AGGREGATION_TRAITS[name].takes === "nothing" ? null : { kind: "field", field: "value" },
    where: name === "share" ? { kind: "match", conditions: { value: 1 } } : null,
    parameters: parametersOf(name, name, EXAMPLES),
  };
  const kinds = aggregations[name]
    .columns(call, { kind: "sliding", widthMs: 3_600_000, hopMs: 300_000 })
    .map((column) => column.kind as ColumnKind);
  const one = kinds.reduce((sum, kind) => sum + bytesOfOneEvent(kind), 0);
  const most = kinds.reduce((sum, kind) => sum + kind.maxBytes, 0);
  const where = Object.entries(call.parameters)
    .filter(([option]) => decidesBytes(name, option))
    .map(([option, value]) => `${option} ${JSON.stringify(value)}`)
    .join(", ");
  return `${one}, at most ${most.toLocaleString("en")}${where === "" ? "" : ` with ${where}`}`;
}

/** Fractions and durations decide nothing, nor does how many of the counted values are answered. */
function decidesBytes(name: AggregationName, option: string): boolean {
  const settings = AGGREGATION_SETTINGS[name] ?? {};
  const kind = settings[option]?.kind;
  return (
    (kind === "whole number" && !(option === "k" && "capacity" in settings)) || kind === "ascending numbers"
  );
}

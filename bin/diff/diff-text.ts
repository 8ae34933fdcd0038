import { formatDuration } from "../../lib/define/duration.ts";
import { bytes, call, longDuration, units, windowText } from "../describe/phrases.ts";
import { aroundDifference } from "./around-difference.ts";
import type { DefinitionsDifference } from "./diff-definitions.ts";
import type { Difference, SettingChange } from "./difference.ts";
import type { FeatureChange } from "./feature-change.ts";
import type { ModelDifference } from "./model-difference.ts";
import type { ServiceDifference } from "./service-difference.ts";
import type { SourceDifference } from "./source-difference.ts";
import type { ItemPrice, ViewDifference } from "./view-difference.ts";

type Line = readonly [label: string, text: string];

/** Lays a difference out for reading: a line for what is the same, a block for what is not. */
export function diffText(difference: DefinitionsDifference): string {
  const blocks = [
    ...difference.sources.map((each) => block("source", each.name, each, sourceLines(each))),
    ...difference.views.map((each) => block("view", titleOf(each), each, viewLines(each))),
    ...difference.services.map((each) => block("service", titleOf(each), each, serviceLines(each))),
    ...difference.models.map((each) => block("model", titleOf(each), each, modelLines(each))),
  ];
  const verdict = difference.needsCare
    ? "This change needs care: see the lines marked !."
    : "Nothing here needs care.";
  return [...blocks, "", verdict].join("\n");
}

function titleOf({ id, from, verdict }: { id: string | null; from: string | null; verdict: string }): string {
  if (id === null) return from!;
  return verdict === "new version" && from !== null ? `${id} after ${from}` : id;
}

function block(
  kind: string,
  title: string,
  { verdict, settings, care, notes }: Difference,
  lines: readonly Line[],
): string {
  const all: readonly Line[] = [
    ...settings.flatMap(settingLines),
    ...lines,
    ...notes.map((note): Line => ["", note]),
    ...care.map((each): Line => ["!", each]),
  ];
  return [`${kind} ${title}: ${verdict}`, ...all.map(([label, text]) => `  ${label.padEnd(9)} ${text}`)].join(
    "\n",
  );
}

/** Of an object, a line for each part of it that differs: `views card view: card@1 -> card@2`. */
function settingLines({ name, from, to }: SettingChange): readonly Line[] {
  if (!isRecord(from) || !isRecord(to)) {
    const [was, now] = aroundDifference(valueText(name, from), valueText(name, to));
    return [["setting", `${nameText(name)}: ${was} -> ${now}`]];
  }
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((part) => JSON.stringify(from[part]) !== JSON.stringify(to[part]))
    .flatMap((part) => settingLines({ name: `${name} ${part}`, from: from[part], to: to[part] }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Durations are shown with their unit, so a name needs none. */
function nameText(name: string): string {
  return name.replace(/Ms$/, "");
}

function valueText(name: string, value: unknown): string {
  if (name.endsWith("Ms") && typeof value === "number" && value > 0) return formatDuration(value);
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "none");
}

function sourceLines({ fields }: SourceDifference): readonly Line[] {
  return fields.map(({ field, change, optional }): Line => {
    const how = change === "added" ? `added, ${optional === true ? "optional" : "required"}` : change;
    return ["field", `${field}: ${how}`];
  });
}

function viewLines({ verdict, keeps, features, warmingMs, cost }: ViewDifference): readonly Line[] {
  const lines: Line[] = [];
  if (keeps.length > 0) lines.push(["keeps", `other ${keeps.map(nameText).join(", ")}`]);
  if (verdict !== "removed")
    for (const feature of features) if (feature.change !== "same") lines.push(featureLine(feature, verdict));
  if (warmingMs !== null && warmingMs > 0) lines.push(["warming", longDuration(warmingMs)]);
  if (cost.to !== null && (cost.from === null || JSON.stringify(cost.from) !== JSON.stringify(cost.to)))
    lines.push(...priceLines(cost.from, cost.to));
  return lines;
}

const SIGNS = { added: "+", removed: "-", changed: "~", "other default": "~", same: " " } as const;

function featureLine({ name, change, feature, isFromExistingState }: FeatureChange, verdict: string): Line {
  const text = `${name}: ${call(feature.aggregation, feature.value, feature.where)}, ${windowText(feature.window)}`;
  if (change === "removed") return [SIGNS[change], text];
  if (change === "other default")
    return [SIGNS[change], `${text}, ${JSON.stringify(feature.whenEmpty)} when empty`];
  if (verdict === "added") return [SIGNS[change], text];
  const from = isFromExistingState === true ? "what is kept already has it" : "not in what is kept";
  return [SIGNS[change], `${text} (${from})`];
}

function priceLines(from: ItemPrice | null, to: ItemPrice): readonly Line[] {
  const was = (text: string | null, now: string) => (text === null || text === now ? "" : ` (was ${text})`);
  const perShard = ({ itemsARead }: ItemPrice) => (itemsARead === "one" ? "" : " for each shard");
  const size = (price: ItemPrice) => `at most ${bytes(price.boundBytes)}`;
  const write = (price: ItemPrice) => units(price.writeUnits.sparse, price.writeUnits.bound, "write unit");
  const read = (price: ItemPrice) =>
    `${units(price.readUnits.sparse, price.readUnits.bound, "read unit")}${perShard(price)}`;
  return (
    [
      ["item", size],
      ["a write", write],
      ["a read", read],
    ] as const
  ).map(([label, textOf]): Line => {
    const now = textOf(to);
    return [label, `${now}${was(from === null ? null : textOf(from), now)}`];
  });
}

function serviceLines({ vector }: ServiceDifference): readonly Line[] {
  return [
    ...vector.added.map((name): Line => ["+", `vector: ${name}`]),
    ...vector.removed.map((name): Line => ["-", `vector: ${name}`]),
    ...vector.moved.map(({ name, from, to }): Line => ["~", `vector: ${name} from place ${from} to ${to}`]),
  ];
}

function modelLines({ isOtherFile }: ModelDifference): readonly Line[] {
  return isOtherFile === true ? [["file", "other bytes"]] : [];
}

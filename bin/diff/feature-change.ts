import { isTiled, type Window, windowSpanMs } from "../../lib/define/window.ts";
import type { FeaturePlan, ViewPlan } from "../../lib/engine/plan.ts";
import { structureParts } from "../../lib/lock/structure.ts";
import { describeView, type FeatureDescription } from "../describe/description.ts";

/** What became of one feature of a view. */
export interface FeatureChange {
  readonly name: string;
  readonly change: "same" | "changed" | "other default" | "added" | "removed";
  /** As it is now, or was before it was removed. */
  readonly feature: FeatureDescription;
  /** Whether what the old definitions keep holds all that it is computed from; null for one that was removed. */
  readonly isFromExistingState: boolean | null;
}

/** The parts of a view's structure that decide which events its columns hold, and how; dedup bounds only forget sooner. */
const EVENT_PARTS = [
  "source",
  "partitionKey",
  "eventTime",
  "eventId",
  "arrivalTime",
  "maxFutureSkewMs",
  "clockSkewMs",
  "entity",
  "where",
  "allowedLatenessMs",
];

/** What became of each feature between two plans of a view; one of them may be missing. */
export function featureChanges(before: ViewPlan | null, after: ViewPlan | null): readonly FeatureChange[] {
  const old = before === null ? null : readingOf(before);
  const now = after === null ? null : readingOf(after);
  const changes = [...(now?.features ?? [])].map(([name, feature]): FeatureChange => {
    const was = old?.features.get(name);
    return {
      name,
      change: was === undefined ? "added" : changeOf(was, feature),
      feature: feature.description,
      isFromExistingState: old !== null && isKept(feature, now!, old),
    };
  });
  const removed = [...(old?.features ?? [])]
    .filter(([name]) => now?.features.has(name) !== true)
    .map(
      ([name, { description }]): FeatureChange => ({
        name,
        change: "removed",
        feature: description,
        isFromExistingState: null,
      }),
    );
  return [...changes, ...removed];
}

interface FeatureReading {
  readonly plan: FeaturePlan;
  readonly description: FeatureDescription;
  /** Its columns' kinds, values, filters and what they are by, as canonical text. */
  readonly columns: readonly string[];
}

interface Reading {
  readonly plan: ViewPlan;
  readonly parts: Readonly<Record<string, string>>;
  readonly features: ReadonlyMap<string, FeatureReading>;
  /** The columns' texts, by their index in the plan. */
  readonly columns: readonly string[];
}

function readingOf(plan: ViewPlan): Reading {
  const parts = structureParts(plan);
  const columns = (JSON.parse(parts.columns!) as readonly { levels: unknown }[]).map(
    ({ levels: _, ...column }) => JSON.stringify(column),
  );
  const { features } = describeView(plan);
  return {
    plan,
    parts,
    features: new Map(
      plan.features.map((feature, index) => [
        feature.feature.name,
        {
          plan: feature,
          description: features[index]!,
          columns: feature.columns.map((column) => columns[column]!),
        },
      ]),
    ),
    columns,
  };
}

function changeOf(was: FeatureReading, now: FeatureReading): FeatureChange["change"] {
  const meaning = ({ plan, columns }: FeatureReading) => {
    const { aggregation, window } = plan.feature;
    return JSON.stringify([aggregation.name, aggregation.parameters, window, columns]);
  };
  if (meaning(was) !== meaning(now)) return "changed";
  const empty = ({ description }: FeatureReading) => JSON.stringify(description.whenEmpty);
  return empty(was) === empty(now) ? "same" : "other default";
}

function isKept(feature: FeatureReading, now: Reading, old: Reading): boolean {
  if (EVENT_PARTS.some((part) => now.parts[part] !== old.parts[part])) return false;
  if (!sameWhereShared(now.parts.schema!, old.parts.schema!)) return false;
  const { window } = feature.plan.feature;
  return feature.columns.every((text) => {
    const column = old.columns.indexOf(text);
    return column >= 0 && holds(old.plan, column, window);
  });
}

/** A level serves a window when its tiles are the window's, and it keeps as many of them; sessions serve those like them. */
function holds({ columns, levels, sessions }: ViewPlan, column: number, window: Window): boolean {
  if (window.kind === "session") {
    const { gapMs, maxMs } = window;
    return sessions.some(
      (each) => each.gapMs === gapMs && each.maxMs === maxMs && each.columns.includes(column),
    );
  }
  return columns[column]!.levels.some((index) => {
    const { hopMs, spanMs } = levels[index]!;
    if (!isTiled(window)) return hopMs === null;
    return hopMs === window.hopMs && spanMs >= windowSpanMs(window);
  });
}

/** Whether two schemas make the same of the fields that both views use; a view that uses more of them changes nothing. */
function sameWhereShared(now: string, old: string): boolean {
  type Schema = { readonly shape: Readonly<Record<string, unknown>> };
  const [{ shape: shapeNow, ...restNow }, { shape: shapeOld, ...restOld }] = [now, old].map(
    (text) => JSON.parse(text) as Schema,
  ) as [Schema, Schema];
  const shared = Object.keys(shapeNow).filter((field) => field in shapeOld);
  const overwrites = (rest: object) => JSON.stringify((rest as { overwrites?: unknown }).overwrites ?? []);
  return (
    overwrites(restNow) === overwrites(restOld) &&
    shared.every((field) => JSON.stringify(shapeNow[field]) === JSON.stringify(shapeOld[field]))
  );
}

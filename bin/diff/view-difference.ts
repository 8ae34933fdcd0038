import type { View } from "../../lib/define/types.ts";
import type { ItemCost } from "../../lib/engine/bounds.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { structureHash, structureParts } from "../../lib/lock/structure.ts";
import { describeView, type ViewDescription } from "../describe/description.ts";
import { longDuration } from "../describe/phrases.ts";
import { type Difference, idOf, pairUp, predecessorOf, settingChanges, type Verdict } from "./difference.ts";
import { type FeatureChange, featureChanges } from "./feature-change.ts";
import { removal } from "./removal.ts";

export interface ViewDifference extends Difference {
  /** `name@version`; null for one that was removed. */
  readonly id: string | null;
  /** What it is compared with, as `name@version`; null for one that was added. */
  readonly from: string | null;
  /** The parts of what is kept that differ, by the names that the structure gives them. */
  readonly keeps: readonly string[];
  /** Every feature, those that were removed last. */
  readonly features: readonly FeatureChange[];
  /** How long answers say `warming` after the deploy: 0 where the state goes on; null for one that was removed. */
  readonly warmingMs: number | null;
  readonly cost: { readonly from: ItemPrice | null; readonly to: ItemPrice | null };
}

/** What an item takes when all its tiles are full, and what it costs then and for an entity of few events. */
export interface ItemPrice {
  readonly boundBytes: number;
  readonly writeUnits: { readonly sparse: number; readonly bound: number };
  readonly readUnits: { readonly sparse: number; readonly bound: number };
  readonly itemsARead: ViewDescription["itemsARead"];
}

const SETTINGS = ["slaMs", "owner", "description"] as const;

/** What a change of definitions means for each view. */
export function viewDifferences(from: readonly View[], to: readonly View[]): readonly ViewDifference[] {
  return pairUp(from, to, idOf).map(({ from: same, to: now }) => {
    if (now === undefined) return removedView(same!, to);
    return viewDifference(same ?? predecessorOf(now, from, to), now, same !== undefined);
  });
}

function removedView(from: View, to: readonly View[]): ViewDifference {
  const plan = planView(from);
  const { care, notes } = removal("view", from, to);
  const expires =
    plan.expiryMs === null ? "" : `; they expire ${longDuration(plan.expiryMs)} after their last event`;
  return {
    name: from.name,
    id: null,
    from: plan.id,
    verdict: "removed",
    settings: [],
    care:
      plan.expiryMs !== null
        ? care
        : [
            ...care,
            "Its items, being of a lifetime, never expire: delete them when they are folded no more.",
          ],
    notes: [`Its items are folded no more${expires}.`, ...notes],
    keeps: [],
    features: featureChanges(plan, null),
    warmingMs: null,
    cost: { from: priceOf(plan), to: null },
  };
}

function viewDifference(from: View | undefined, to: View, isSameVersion: boolean): ViewDifference {
  const before = from === undefined ? null : planView(from);
  const after = planView(to);
  const cost = { from: priceOf(before), to: priceOf(after) };
  const ids = { name: to.name, id: after.id, from: before?.id ?? null };
  const features = featureChanges(before, after);
  if (before === null) {
    const notes = warmingNotes(after);
    const { warmingMs } = after;
    return { ...ids, verdict: "added", settings: [], care: [], notes, keeps: [], features, warmingMs, cost };
  }
  const isSameState = structureHash(before) === structureHash(after);
  const settings = settingChanges(describeView(before), describeView(after), SETTINGS);
  const verdict = verdictOf(isSameVersion, isSameState, settings.length > 0 || features.some(isChange));
  const care =
    verdict === "new version needed"
      ? [
          `What ${after.id} keeps has changed, and loading it is refused (R13): raise its version to ${after.view.version + 1}.`,
        ]
      : [];
  const notes: string[] = [];
  if (verdict === "new version needed" || verdict === "new version") notes.push(...warmingNotes(after));
  if (verdict === "new version" && isSameState) {
    notes.push(
      `It keeps what ${before.id} keeps: under the version ${before.view.version} all its features would be there at once.`,
    );
  }
  const goesOn = isSameVersion && isSameState;
  return {
    ...ids,
    verdict,
    settings,
    care,
    notes,
    keeps: isSameState ? [] : partChanges(before, after),
    features,
    warmingMs: goesOn ? 0 : after.warmingMs,
    cost,
  };
}

function verdictOf(isSameVersion: boolean, isSameState: boolean, isChanged: boolean): Verdict {
  if (!isSameVersion) return "new version";
  if (!isSameState) return "new version needed";
  return isChanged ? "changed" : "same";
}

function isChange({ change }: FeatureChange): boolean {
  return change !== "same";
}

function warmingNotes(plan: ViewPlan): readonly string[] {
  const lifetime = plan.features.some(({ feature }) => feature.window.kind === "lifetime");
  return [
    ...(plan.warmingMs === 0
      ? []
      : [`Its state begins empty: answers say warming for ${longDuration(plan.warmingMs)}.`]),
    ...(lifetime ? ["Its lifetime features count from the deploy on."] : []),
  ];
}

function partChanges(before: ViewPlan, after: ViewPlan): readonly string[] {
  const [old, now] = [structureParts(before), structureParts(after)];
  return Object.keys({ ...now, ...old }).filter((part) => old[part] !== now[part]);
}

function priceOf(plan: ViewPlan | null): ItemPrice | null {
  if (plan === null) return null;
  const { item, itemsARead } = describeView(plan);
  const unitsOf = (unit: keyof ItemCost) => ({ sparse: item.sparse[unit], bound: item.bound[unit] });
  return {
    boundBytes: item.bound.bytes,
    writeUnits: unitsOf("writeUnits"),
    readUnits: unitsOf("readUnits"),
    itemsARead,
  };
}

import type { ViewPlan } from "../engine/plan.ts";
import type { ControlShard, StreamControl } from "./control.ts";
import { hasFolded, type ShardProgress } from "./progress.ts";

/** How old an answer is against the view's SLA (R11). */
export type FreshnessStatus = "fresh" | "stale" | "unknown" | "warming";

/** How far a set of shards has been folded, as one: the worst of them. */
export interface CombinedProgress {
  /** Everything that arrived up to here is folded, epoch ms. */
  readonly arrivalMs: number;
  /** Everything that arrived since here was folded, epoch ms. */
  readonly sinceMs: number;
}

/**
 * The progress of a view over shards: those of the stream for a many-writer view, those that hold its partition key
 * for one entity. An open shard counts; a closed one until all its children have progress. A shard that has none of
 * its own yet (a child just split off) is bounded by its parents, which count for its sake.
 *
 * @returns null when it is not known: a shard that counts has neither progress nor a listed parent, or records of one
 *   are known to be lost.
 */
export function combineProgress(
  shards: readonly ControlShard[],
  storedOf: (writer: string) => ShardProgress | undefined,
): CombinedProgress | null {
  /** A shard that was marked before anything of it was folded has no progress but its mark. */
  const progressOf = (writer: string) => {
    const stored = storedOf(writer);
    return stored?.unknown === true || hasFolded(stored) ? stored : undefined;
  };
  const listed = new Map(shards.map((shard) => [shard.writer, shard]));
  const parentsOf = (shard: ControlShard) =>
    shard.parents.map((parent) => listed.get(parent)).filter((parent) => parent !== undefined);
  const childrenOf = new Map<string, ControlShard[]>();
  for (const shard of shards) {
    for (const { writer } of parentsOf(shard))
      childrenOf.set(writer, [...(childrenOf.get(writer) ?? []), shard]);
  }

  /** Whether the shard's parents need not be waited for. A shard that was split before it had a record has no progress. */
  const isUnderWay = once((shard): boolean => {
    if (progressOf(shard.writer) !== undefined) return true;
    const children = childrenOf.get(shard.writer) ?? [];
    return !shard.open && children.length > 0 && children.every(isUnderWay);
  });
  const sinceOf = (shard: ControlShard, own: ShardProgress): number => {
    if (own.returned) return own.sinceMs;
    const parents = parentsOf(shard);
    const inherited = parents.map((parent) => inheritedSince(parent)).filter((since) => since !== null);
    return inherited.length < parents.length || parents.length === 0 ? own.sinceMs : Math.max(...inherited);
  };
  const inheritedSince = once((shard): number | null => {
    const stored = storedOf(shard.writer);
    // It may have returned there with a batch of which it folds nothing.
    if (stored?.returned === true) return stored.sinceMs;
    const own = progressOf(shard.writer);
    if (own !== undefined) return sinceOf(shard, own);
    const parents = parentsOf(shard).map(inheritedSince);
    if (parents.length === 0 || parents.includes(null)) return null;
    return Math.max(...(parents as number[]));
  });
  const isLost = once(
    (shard): boolean => progressOf(shard.writer)?.unknown === true || parentsOf(shard).some(isLost),
  );

  let arrivalMs = Number.POSITIVE_INFINITY;
  let sinceMs = Number.NEGATIVE_INFINITY;
  for (const shard of shards) {
    const children = childrenOf.get(shard.writer) ?? [];
    if (!shard.open && children.every(isUnderWay)) continue;
    if (isLost(shard)) return null;
    const own = progressOf(shard.writer);
    if (own === undefined) {
      if (parentsOf(shard).length === 0) return null;
      continue;
    }
    arrivalMs = Math.min(arrivalMs, own.arrivalMs);
    sinceMs = Math.max(sinceMs, sinceOf(shard, own));
  }
  return arrivalMs === Number.POSITIVE_INFINITY ? null : { arrivalMs, sinceMs };
}

/** Answers for each shard once: splits that are merged again reach their forebears by more and more ways. */
function once<T>(answer: (shard: ControlShard) => T): (shard: ControlShard) => T {
  const answers = new Map<string, T>();
  return (shard) => {
    if (!answers.has(shard.writer)) answers.set(shard.writer, answer(shard));
    return answers.get(shard.writer) as T;
  };
}

/** Shards of the stream as it is now: those of an earlier incarnation take no records any more. */
export function currentShards(control: StreamControl): readonly ControlShard[] {
  const open = control.shards.find((shard) => shard.open);
  if (open === undefined) return control.shards;
  const incarnation = open.writer.slice(0, open.writer.indexOf("/") + 1);
  return control.shards.filter((shard) => shard.writer.startsWith(incarnation));
}

/** Lag and status of a view's answer at an as-of time. */
export interface Freshness {
  /** Now less progress, and the declared clock skew; null when progress is not known. */
  readonly lagMs: number | null;
  readonly status: FreshnessStatus;
  /** Whether a window may lack events from before the view began; null when that is not known (R7). */
  readonly warming: boolean | null;
}

/**
 * Judges progress against a view's SLA. A violated SLA is told before warming. An eventual read may be older than
 * progress says, so that its lag is only a lower bound: stale if that is over the SLA, unknown otherwise, never fresh.
 */
export function judgeFreshness(
  plan: ViewPlan,
  progress: CombinedProgress | null,
  { asOfMs, consistent }: { readonly asOfMs: number; readonly consistent: boolean },
): Freshness {
  if (progress === null) return { lagMs: null, status: "unknown", warming: null };
  const { view, warmingMs } = plan;
  const lagMs = Math.max(0, asOfMs - progress.arrivalMs + view.source.clockSkewMs);
  const warming = asOfMs - progress.sinceMs < warmingMs;
  if (lagMs > view.slaMs) return { lagMs, status: "stale", warming };
  if (!consistent) return { lagMs: null, status: "unknown", warming };
  return { lagMs, status: warming ? "warming" : "fresh", warming };
}

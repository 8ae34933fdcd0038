import type { ViewPlan } from "../../../lib/engine/plan.ts";
import type { Freshness } from "../../../lib/online/freshness.ts";
import type { EntityReading } from "../../../lib/online/reader.ts";
import type { ViewFreshness } from "../../../lib/online/view-freshness.ts";
import { type ItemEvent, isAtOrBelow, type LoggedShard, type RecordLog } from "../platform/record-log.ts";
import type { Covered } from "./answers-equal-oracle.ts";
import type { Begins } from "./entries-of.ts";
import type { Report } from "./violation.ts";

const INVARIANT = "freshness-is-honest";

/** What is known beside an answer. */
interface Truth {
  /** The true time of the answer; the reader's clock may be off. */
  readonly nowMs: number;
  /** Whether shards that the answer is of were marked for lost records. */
  readonly isMarked: boolean;
  /** What can have been folded. */
  readonly reach: Reach;
  /** What of all that arrived up to a time the view lacks for having been left out of a release; null: nothing. */
  readonly lackedUntil: (untilMs: number) => Lacked | null;
  /** Whether no record was ever lost to any view. */
  readonly isWhole: boolean;
  readonly report: Report;
}

/** What a view lacks that was left out of a release. */
export interface Lacked {
  /** When the last of it arrived. */
  readonly latestMs: number;
  /** Whether its lifetimes ought to count any of it. */
  readonly isOfLifetime: boolean;
}

/** What of a view's shards can have been folded. */
export interface Reach {
  /** Since when all that arrived can have been; null: since never. */
  readonly sinceMs: number | null;
  /**
   * Whether every shard has had a record that the view takes, and no two of them lie so far apart that the stream may
   * have dropped some in between: of others nothing is known.
   */
  readonly isComplete: boolean;
}

/**
 * An answer's lag is never less than the age of the oldest event that it lacks, and its status is what lag, SLA and the
 * view's age make it (R7, R11).
 */
export function checkFreshness(
  options: Truth & {
    readonly plan: ViewPlan;
    readonly reading: EntityReading;
    readonly covered: readonly Covered[];
    /** Whether records of the entity are lost and not rebuilt yet. */
    readonly isLost: boolean;
    /** Nothing is under way any more, and nothing was ever lost. */
    readonly isSettled: boolean;
  },
): void {
  const { plan, reading, covered, nowMs, isLost, isSettled, reach, report } = options;
  const { lagMs, status, consistent } = reading;
  const what = `${plan.id} of ${JSON.stringify(reading.key)} was called ${status}`;
  checkStatus(what, plan, reading, options);
  if (isSettled && reach.isComplete && consistent && status === "unknown") {
    report(INVARIANT, `${what} although all that was put is folded.`);
  }
  // The lag of an eventual read is a lower bound, and says so by its status.
  if (lagMs === null || !consistent || isLost) return;
  for (const { missing } of covered) {
    if (missing === null) continue;
    const trueLagMs = nowMs - missing.event.arrivalMs;
    if (lagMs < trueLagMs) {
      report(
        INVARIANT,
        `${what} with a lag of ${lagMs} ms; it lacks a record that arrived ${trueLagMs} ms before.`,
      );
    }
  }
}

/** A view's freshness, and that of each shard, is no better than that of its entities. */
export function checkViewFreshness(
  options: Truth & {
    readonly plan: ViewPlan;
    readonly answer: ViewFreshness;
    readonly shards: ReadonlyMap<string, LoggedShard>;
    /** Of every entity, events that are not folded, those aside that are known to be lost. */
    readonly missing: readonly ItemEvent[];
  },
): void {
  const { plan, answer, shards, missing, nowMs, report } = options;
  const { lagMs, status, asOfMs } = answer;
  const what = `${plan.id} was called ${status}`;
  const reading = { consistent: true, asOfMs, lagMs, status, warming: answer.warming };
  checkStatus(what, plan, reading, options);
  const writers = new Set([...shards.values()].map(({ writer }) => writer));
  for (const { writer, sequenceNumber, lagMs: ownLagMs } of answer.shards) {
    if (!writers.has(writer)) report(INVARIANT, `${plan.id} is said to have a shard ${writer}.`);
    for (const { event, writer: of } of missing) {
      if (of !== writer || sequenceNumber === null) continue;
      const trueLagMs = nowMs - event.arrivalMs;
      const isPast = isAtOrBelow(event.sequenceNumber, sequenceNumber);
      if (isPast || (ownLagMs !== null && ownLagMs < trueLagMs)) {
        report(
          INVARIANT,
          `${what}: ${writer} through ${sequenceNumber} with a lag of ${ownLagMs} ms; ${event.sequenceNumber}, which arrived ${trueLagMs} ms before, is not folded.`,
        );
      }
    }
  }
  for (const { event } of missing) {
    const trueLagMs = nowMs - event.arrivalMs;
    if (lagMs !== null && lagMs < trueLagMs) {
      report(
        INVARIANT,
        `${what} with a lag of ${lagMs} ms; a record that arrived ${trueLagMs} ms before is not folded.`,
      );
    }
  }
}

function checkStatus(
  what: string,
  { view, warmingMs }: ViewPlan,
  answer: Freshness & { readonly consistent: boolean; readonly asOfMs: number },
  { isMarked, reach, lackedUntil, isWhole, report }: Truth,
): void {
  const { lagMs, status, warming, consistent, asOfMs } = answer;
  const is = (expected: Freshness["status"], why: string) => {
    if (status !== expected) report(INVARIANT, `${what} ${why}; it is ${expected}.`);
  };
  if (isMarked) is("unknown", "although records are known to be lost");
  if (lagMs === null) is("unknown", "with no lag");
  else if (lagMs > view.slaMs) is("stale", `with a lag of ${lagMs} ms under an SLA of ${view.slaMs} ms`);
  else if (!consistent) is("unknown", "from an eventually consistent read");
  else
    is(warming === true ? "warming" : "fresh", `with a lag of ${lagMs} ms under an SLA of ${view.slaMs} ms`);
  const { sinceMs } = reach;
  if (warming === false && (sinceMs === null || asOfMs - sinceMs < warmingMs)) {
    report(INVARIANT, `${what} and not warming, though it can have folded all only since ${sinceMs}.`);
  }
  if (isWhole && warming === true && sinceMs !== null && asOfMs - sinceMs >= warmingMs) {
    report(INVARIANT, `${what} and warming, though it has folded all since ${sinceMs}.`);
  }
  if (lagMs === null) return;
  const lacked = lackedUntil(asOfMs - lagMs + view.source.clockSkewMs);
  if (lacked === null) return;
  const { latestMs, isOfLifetime } = lacked;
  if (warming === false && asOfMs - latestMs < warmingMs) {
    report(INVARIANT, `${what} and not warming, though it was left out of what arrived until ${latestMs}.`);
  }
  if (isOfLifetime) {
    report(INVARIANT, `${what}, though its lifetimes lack what arrived until ${latestMs}.`);
  }
}

/**
 * Finds what can have been folded of an entity, or of a view: of every shard that the stream was made with, from the
 * first record on that the view takes of it and of those that came of it.
 */
export function reachOf(
  { shards }: Pick<RecordLog, "shards">,
  plan: ViewPlan,
  options: { readonly hash: string | null; readonly begins: Begins },
): Reach {
  const { hash, begins } = options;
  const all = [...shards.values()].filter(
    ({ hashRange }) => hash === null || (hash >= hashRange!.start && hash <= hashRange!.end),
  );
  const firstOf = ({ writer, records }: LoggedShard) =>
    records.find(({ sequenceNumber }) => begins(plan, writer, sequenceNumber))?.arrivalMs;
  const firsts = new Map(all.map((shard) => [shard, firstOf(shard)]));
  let sinceMs = Number.NEGATIVE_INFINITY;
  for (const root of all) {
    if (root.parents.length > 0) continue;
    const family = all.filter((shard) => shard === root || shard.ancestors.includes(root.writer));
    const own = family.map((shard) => firsts.get(shard)).filter((first) => first !== undefined);
    sinceMs = Math.max(sinceMs, Math.min(...own));
  }
  const { retentionMs } = plan.view.source;
  // What is not known of a shard is not known of those that it was merged into, whichever keys it had.
  const related = [...shards.values()].filter(
    (shard) => all.includes(shard) || all.some(({ ancestors }) => ancestors.includes(shard.writer)),
  );
  /** What came before a record of a shard, by arrival: the one before it, or the last of each parent. */
  const before = ({ records, parents }: LoggedShard, index: number) =>
    index > 0 ? [records[index - 1]!] : parents.flatMap((id) => shards.get(id)!.records.slice(-1));
  const isComplete = related.every(
    (shard) =>
      firstOf(shard) !== undefined &&
      shard.records.every(({ arrivalMs }, index) =>
        before(shard, index).every((each) => arrivalMs <= each.arrivalMs + retentionMs),
      ),
  );
  return { sinceMs: Number.isFinite(sinceMs) ? sinceMs : null, isComplete };
}

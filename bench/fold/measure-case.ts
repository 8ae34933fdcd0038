import { Spent } from "../measure/spent.ts";
import { bareParse } from "./bare-parse.ts";
import { type FoldBatch, type FoldCase, foldBatches } from "./batches.ts";
import { createEngineFold, type EngineFold } from "./engine-fold.ts";
import { createPlainFold } from "./plain-fold.ts";

/** What is done with every batch, in turn. */
export const WORKS = ["bare parse", "fold in memory", "fold fetched", "plain fold"] as const;

export type Work = (typeof WORKS)[number];

/** Records a second, by the clock and by processor time. */
export interface Rates {
  readonly wall: number;
  readonly cpu: number;
}

export interface CaseResult {
  /** A measurement a run, for each work. */
  readonly runs: readonly Readonly<Record<Work, Rates>>[];
  readonly items: EngineFold["items"];
}

/**
 * Does all works on every batch in turn, so that what slows the machine slows all. A run is the next `events` records of
 * one stream: states grow on from run to run, and the first run, in which code is compiled and items begin, does not
 * count.
 *
 * @throws Error when the fold refuses other records than zod does, or when a file holds fewer records than are asked for.
 */
export function measureCase(
  foldCase: FoldCase,
  { events, runs }: { readonly events: number; readonly runs: number },
): CaseResult {
  const batches = foldBatches(foldCase);
  const inMemory = createEngineFold("in memory");
  const fetched = createEngineFold("fetched");
  const plainFold = createPlainFold();
  const works: Readonly<Record<Work, (batch: FoldBatch) => unknown>> = {
    "bare parse": bareParse,
    "fold in memory": inMemory.fold,
    "fold fetched": fetched.fold,
    "plain fold": plainFold,
  };
  const measured: Record<Work, Rates>[] = [];
  for (let run = -1; run < runs; run++) {
    const spent = new Map(WORKS.map((work) => [work, new Spent()]));
    let count = 0;
    while (count < events) {
      const batch = batches.next().value as FoldBatch | undefined;
      if (batch === undefined)
        throw new Error(`${foldCase.name}: there are fewer events than were asked for.`);
      for (const work of WORKS) {
        const result = spent.get(work)!.on(() => works[work](batch));
        if (work.startsWith("fold")) checkRefusals(batch, result as readonly number[]);
      }
      count += batch.records.length;
    }
    if (run >= 0) measured.push(ratesOf(spent, count));
  }
  return { runs: measured, items: inMemory.items };
}

function checkRefusals({ refused }: FoldBatch, found: readonly number[]): void {
  if (String(found) === String(refused)) return;
  throw new Error(`records ${found} of a batch were refused; zod refuses ${refused}.`);
}

function ratesOf(spent: ReadonlyMap<Work, Spent>, count: number): Record<Work, Rates> {
  return Object.fromEntries(
    [...spent].map(([work, { wallMs, cpuMs }]) => [
      work,
      { wall: (count / wallMs) * 1000, cpu: (count / cpuMs) * 1000 },
    ]),
  ) as Record<Work, Rates>;
}

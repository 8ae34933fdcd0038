import type { FaultName } from "./faults/registry.ts";
import { simulate, type WorldResult } from "./simulate.ts";
import type { Schedule } from "./world/world.ts";
import { isRecordFault, planWorld } from "./world/world-plan.ts";

/** The smallest world that was found to break the same rule. */
export interface Shrunk {
  readonly seed: number;
  readonly only: readonly FaultName[];
  readonly schedule: Schedule;
  readonly result: WorldResult;
  /** How many worlds were run to find it. */
  readonly runs: number;
}

/**
 * Looks for a shorter schedule that breaks the same invariant: fewer kinds of fault, no reads, calls that all take the
 * same time, fewer faults, fewer records.
 */
export async function shrink(options: {
  readonly seed: number;
  readonly only?: readonly FaultName[];
  readonly invariant: string;
  /** @default 250 */
  readonly mostRuns?: number;
}): Promise<Shrunk> {
  const { seed, invariant, mostRuns = 250 } = options;
  let runs = 0;
  let only = (options.only ?? Object.keys(planWorld(seed).rates)) as readonly FaultName[];
  let schedule: Schedule = {};
  let result = await simulate({ seed, only });

  async function attempt(tried: { only?: readonly FaultName[]; schedule?: Schedule }): Promise<boolean> {
    if (runs >= mostRuns) return false;
    runs++;
    const next = { only, schedule, ...tried };
    const outcome = await simulate({ seed, ...next });
    if (!outcome.violations.some((violation) => violation.invariant === invariant)) return false;
    ({ only, schedule } = next);
    result = outcome;
    return true;
  }

  for (const name of [...only]) {
    if (only.length > 1) await attempt({ only: only.filter((each) => each !== name) });
  }
  await attempt({ schedule: { ...schedule, isUnread: true } });
  await attempt({ schedule: { ...schedule, isSteady: true } });

  const asked = result.fired.filter((id) => !isRecordFault(id.slice(0, id.indexOf("@")) as never));
  await fewer([...new Set(asked)], (firings) =>
    attempt({ schedule: { ...schedule, firings: new Set(firings) } }),
  );
  const put = planWorld(seed, only).records.map(({ index }) => index);
  await fewer(put, (records) => attempt({ schedule: { ...schedule, records: new Set(records) } }));
  return { seed, only, schedule, result, runs };
}

/** Leaves out halves, quarters and so on, as long as it goes on to fail without them. */
async function fewer<T>(all: readonly T[], fails: (some: readonly T[]) => Promise<boolean>): Promise<void> {
  let kept = all;
  if (kept.length > 0 && (await fails([]))) return;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (rest.length < kept.length && (await fails(rest))) kept = rest;
      else at += size;
    }
  }
}

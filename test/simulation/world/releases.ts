import type { FaultName } from "../faults/registry.ts";
import { type CodecRelease, FIRST_RELEASE, NEWEST_RELEASE } from "../platform/codec-release.ts";
import { createRandom } from "../random.ts";
import type { WorldViews } from "./definitions.ts";
import type { WorldPlan } from "./world-plan.ts";

/** One deployment of the functions. */
export interface Release {
  readonly definitions: WorldViews["before"];
  readonly codec: CodecRelease;
  /** What its deployment is of; null: the world begins with it. */
  readonly isOf: FaultName | null;
}

/** How often a view is left out and comes back where releases are rolled back in haste. */
const HASTY_ROUNDS = 3;

/** What releases there are of functions, in the order of their deployment. */
export function releasesOf({ seed, rates }: WorldPlan, { before, after }: WorldViews): Release[] {
  const made: Release[] = [{ definitions: before, codec: FIRST_RELEASE, isOf: null }];
  const release = (isOf: FaultName, change: Partial<Release>) =>
    made.push({ ...made.at(-1)!, isOf, ...change });
  if (rates["codec-rollout"] !== undefined) {
    if (rates["skipped-codec-step"] === undefined) {
      release("codec-rollout", { codec: { reads: true, writes: false } });
    } else {
      // Rolled back for a while to a release that does not read what was written: it waits, and harms nothing.
      release("codec-rollout", { codec: NEWEST_RELEASE });
      release("codec-rollout", { codec: FIRST_RELEASE });
    }
    release("codec-rollout", { codec: NEWEST_RELEASE });
  }
  if (rates["new-view-version"] !== undefined) release("new-view-version", { definitions: after });
  const isHasty = rates["hasty-rollback"] !== undefined;
  if (rates["view-left-out"] !== undefined || isHasty) {
    const { definitions } = made.at(-1)!;
    const names = Object.keys(definitions);
    const leftOut = createRandom(seed, "left-out").pick(names);
    const others = Object.entries(definitions).filter(([name]) => name !== leftOut);
    for (let round = 0; round < (isHasty ? HASTY_ROUNDS : 1); round++) {
      release("view-left-out", { definitions: Object.fromEntries(others) });
      release("view-left-out", { definitions });
    }
  }
  return made;
}

/** The view that a release leaves out and the next has again. */
export function viewLeftOut(releases: readonly Release[]): WorldViews["before"][string] | null {
  const [without, again] = releases.slice(-2);
  if (again?.isOf !== "view-left-out") return null;
  const kept = Object.values(without!.definitions);
  return Object.values(again.definitions).find((view) => !kept.includes(view))!;
}

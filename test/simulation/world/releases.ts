import { type CodecRelease, FIRST_RELEASE, NEWEST_RELEASE } from "../platform/codec-release.ts";
import type { WorldViews } from "./definitions.ts";
import type { WorldPlan } from "./world-plan.ts";

/** One deployment of the functions. */
export interface Release {
  readonly definitions: WorldViews["before"];
  readonly codec: CodecRelease;
}

/** What releases there are of functions, in the order of their deployment. */
export function releasesOf({ rates }: WorldPlan, { before, after }: WorldViews): Release[] {
  const made: Release[] = [{ definitions: before, codec: FIRST_RELEASE }];
  const last = () => made.at(-1)!;
  if (rates["codec-rollout"] !== undefined) {
    if (rates["skipped-codec-step"] === undefined) {
      made.push({ ...last(), codec: { reads: true, writes: false } }, { ...last(), codec: NEWEST_RELEASE });
    } else {
      // Rolled back for a while to a release that does not read what was written: it waits, and harms nothing.
      made.push({ ...last(), codec: NEWEST_RELEASE }, last(), { ...last(), codec: NEWEST_RELEASE });
    }
  }
  if (rates["new-view-version"] !== undefined) made.push({ ...last(), definitions: after });
  return made;
}

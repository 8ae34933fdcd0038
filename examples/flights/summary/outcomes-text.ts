import type { ReplayMeter } from "../replay/meter.ts";

/** What became of the events so far, over all views, and how far the store is behind. */
export function outcomesText({ outcomes, lagsMs }: Pick<ReplayMeter, "outcomes" | "lagsMs">): string {
  const { folded, duplicate, late, quarantined } = outcomes;
  const lag = lagsMs.at(-1);
  const counts = `folded ${folded}, duplicate ${duplicate}, late ${late}, quarantined ${quarantined}`;
  return lag === undefined ? counts : `${counts}, lag ${Math.round(lag)} ms`;
}

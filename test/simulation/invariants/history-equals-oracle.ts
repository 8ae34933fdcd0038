import type { ViewPlan } from "../../../lib/engine/plan.ts";
import type { HistoryReading } from "../../../lib/online/reader.ts";
import type { Covered } from "./answers-equal-oracle.ts";
import { recount } from "./answers-equal-oracle.ts";
import { compareAnswer } from "./compare-answer.ts";
import type { Report } from "./violation.ts";

/** An entity's tiles are what a recount of the events of each tile's time gives, and leave out none. */
export function checkHistory(options: {
  readonly plan: ViewPlan;
  readonly reading: HistoryReading;
  readonly covered: readonly Covered[];
  readonly report: Report;
}): void {
  const { plan, reading, covered, report } = options;
  const { asOfMs, known, series, withoutTiles } = reading;
  const differs = (what: string) =>
    report(
      "answers-equal-oracle",
      `tiles of ${plan.id} of ${JSON.stringify(reading.key)} as of ${asOfMs}: ${what}`,
    );
  const { live, kept } = recount(plan, covered, asOfMs);
  if (known !== live > 0) differs(`known is ${known}, of ${live} items.`);
  const named = [...series.flatMap(({ features }) => features), ...withoutTiles].sort();
  const features = plan.features.map(({ feature }) => feature);
  const names = features.map(({ name }) => name).sort();
  if (named.join() !== names.join()) differs(`they are of ${named.join()}; the view has ${names.join()}.`);
  for (const {
    features: [name],
    stretches,
    tiles,
    emptyValue,
  } of series) {
    const { aggregation: call, window } = features.find((feature) => feature.name === name)!;
    const wrongIn = (actual: typeof emptyValue, startMs: number, endMs: number) =>
      compareAnswer({
        call,
        actual,
        events: kept.events.filter(({ eventTimeMs }) => eventTimeMs >= startMs && eventTimeMs < endMs),
        context: { asOfMs, window },
      });
    let endedMs = Number.NEGATIVE_INFINITY;
    for (const { startMs, endMs, value } of tiles) {
      const wrong = wrongIn(value, startMs, endMs);
      if (wrong !== null) differs(`${name} from ${startMs} to ${endMs} is ${wrong}.`);
      if (startMs < endedMs || endMs <= startMs) differs(`${name} has a tile from ${startMs} to ${endMs}.`);
      endedMs = endMs;
    }
    for (const { eventTimeMs } of kept.events) {
      const within = (span: { readonly fromMs: number; readonly toMs: number }) =>
        eventTimeMs >= span.fromMs && eventTimeMs < span.toMs;
      if (!stretches.some(within)) continue;
      if (tiles.some(({ startMs, endMs }) => within({ fromMs: startMs, toMs: endMs }))) continue;
      if (wrongIn(emptyValue, eventTimeMs, eventTimeMs + 1) !== null) {
        differs(`${name} has no tile for an event of ${eventTimeMs}.`);
      }
    }
  }
}

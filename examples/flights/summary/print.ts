import type { ScoreQuality } from "../check/score.ts";
import type { InjectedFaults, ModelComparison, Summary, ViewCounts } from "./summary.ts";

/** The summary as text for a terminal. */
export function summaryText(summary: Summary): string {
  const { events, checked, seconds, quality } = summary;
  const rows: readonly (readonly [string, string])[] = [
    ["days", `${summary.from} to ${summary.to}, ${summary.shards} shards a stream`],
    [
      "events",
      `${whole(events.put)} (${whole(events.departures)} departures, ${whole(events.arrivals)} arrivals)`,
    ],
    ...(summary.resumed === null ? [] : [["resumed", resumedText(summary.resumed)] as const]),
    ...(summary.faults === null ? [] : [["faults", faultsText(summary.faults)] as const]),
    ...Object.entries(summary.views).map(([view, counts]) => [view, countsText(counts)] as const),
    [
      "checked",
      `${whole(checked.entitiesAtMoments)} entities at ${checked.moments} moments, ${whole(checked.entitiesAtEnd)} at the end, ${whole(checked.predictions)} predictions: ${whole(checked.values)} values`,
    ],
    ["differences", whole(summary.differences)],
    [
      "speed",
      `${whole(summary.eventsPerSecond)} events/s; ${seconds.replay.toFixed(1)} s of replay, ${seconds.total.toFixed(1)} s in all`,
    ],
    [
      "cost",
      `${summary.writeUnitsPerEvent.toFixed(2)} write units and ${summary.readUnitsPerEvent.toFixed(2)} read units an event`,
    ],
    ["lag", `p50 ${milliseconds(summary.lagMs.p50)}, p99 ${milliseconds(summary.lagMs.p99)}`],
    [
      "prediction",
      `p50 ${milliseconds(summary.predictionMs.p50)}, p99 ${milliseconds(summary.predictionMs.p99)}`,
    ],
    ["all departures", comparison(quality.range)],
    ["served ones", comparison(quality.served)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

function resumedText({ put, moments }: NonNullable<Summary["resumed"]>): string {
  return `${whole(put)} records and ${whole(moments)} moments were done before; speed, cost and lag are of this run`;
}

function faultsText({ seed, injected }: InjectedFaults): string {
  const malformed =
    injected["not-json"] + injected["not-text"] + injected["wrong-type"] + injected.aggregated;
  const kinds = [
    [injected["out-of-order"], "out of order"],
    [injected.late, "a day late"],
    [injected.duplicate, "duplicates"],
    [malformed, "malformed"],
    [injected["wrong-partition-key"] + injected["wrong-shard"], "under wrong partition keys"],
    [injected["future-dated"], "dated ahead"],
  ] as const;
  return `seed ${seed}: ${kinds.map(([count, kind]) => `${whole(count)} ${kind}`).join(", ")}`;
}

function countsText({ put, folded, duplicate, late, quarantined, reasons }: ViewCounts): string {
  const sum = `${whole(put)} put = ${whole(folded)} folded + ${whole(duplicate)} duplicate + ${whole(late)} late + ${whole(quarantined)} quarantined`;
  const why = Object.entries(reasons).sort(([left], [right]) => (left < right ? -1 : 1));
  if (why.length === 0) return sum;
  return `${sum} (${why.map(([reason, count]) => `${reason} ${whole(count)}`).join(", ")})`;
}

function comparison({ model, baseline }: ModelComparison): string {
  const late = `${whole(model.positives)} of ${whole(model.rows)} late`;
  return `${late}; ${quality(model)}; hour, weekday and distance alone: ${quality(baseline)}`;
}

const quality = ({ auc, logLoss }: ScoreQuality): string =>
  `AUC ${auc?.toFixed(4) ?? "none"}, log loss ${logLoss?.toFixed(4) ?? "none"}`;

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const milliseconds = (value: number | null): string => (value === null ? "none" : `${value.toFixed(1)} ms`);

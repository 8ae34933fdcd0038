import type { ViewCounts } from "../check/verify.ts";
import type { Summary } from "./summary.ts";

/** The summary as text for a terminal. */
export function summaryText(summary: Summary): string {
  const { sessions, latencyMs, checked } = summary;
  const rows: readonly (readonly [string, string])[] = [
    [
      "run",
      `${summary.minutes} minutes of ${whole(summary.users)} users, seed ${summary.seed}, ${summary.speed} times as fast as they click; ${summary.shards} shards`,
    ],
    ["clicks", `${whole(summary.put)} put`],
    ...Object.entries(summary.views).map(([view, counts]) => [view, countsText(counts)] as const),
    ["active users", activeText(summary)],
    ["above 50", alertsText(summary)],
    [
      "sessions",
      `${sessions.open} open at the end, the longest since ${whole(sessions.longestSeconds)} s, the busiest of ${whole(sessions.mostClicks)} clicks`,
    ],
    [
      "latency",
      `p50 ${milliseconds(latencyMs.p50)}, p99 ${milliseconds(latencyMs.p99)} from put to answer, of ${whole(latencyMs.clicks)} clicks`,
    ],
    ["checked", `${whole(checked.values)} values at ${checked.moments} moments`],
    ["differences", whole(summary.differences)],
    ["took", `${summary.seconds.toFixed(1)} s`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

function countsText({ folded, duplicate, late, quarantined }: ViewCounts): string {
  return `${whole(folded)} folded + ${whole(duplicate)} duplicate + ${whole(late)} late + ${whole(quarantined)} quarantined`;
}

function activeText({ activeUsers }: Summary): string {
  return `a minute: ${activeUsers.map(({ users }) => users).join(" ")}`;
}

function alertsText({ activeUsers }: Summary): string {
  const alerting = activeUsers.filter(({ alerts }) => alerts.length > 0);
  const users = new Set(alerting.flatMap(({ alerts }) => alerts.map(({ user }) => user)));
  const last = alerting.at(-1);
  const counted = `${users.size} users in ${alerting.length} of ${activeUsers.length} minutes`;
  if (last === undefined) return counted;
  const named = last.alerts.map(({ user, clicks }) => `${user} (${clicks})`).join(", ");
  return `${counted}; last at ${last.minute.slice(11, 16)}Z: ${named}`;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const milliseconds = (value: number | null): string => (value === null ? "none" : `${value.toFixed(1)} ms`);

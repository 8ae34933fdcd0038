import { type Spread, spreadOf } from "../../statistics/spread.ts";
import type { Served, Verdict, ViewCounts } from "../check/verify.ts";
import type { ClicksOptions } from "../options.ts";
import type { MinuteEstimate } from "../read/active-users.ts";
import type { TimeRange } from "../times.ts";

/** What `--once` found. */
export interface Summary {
  readonly seed: number;
  readonly users: number;
  readonly minutes: number;
  readonly speed: number;
  readonly shards: number;
  /** ISO 8601, of the first minute. */
  readonly from: string;
  /** Records put, repeats among them, and what became of them, by view. */
  readonly put: number;
  readonly views: Readonly<Record<string, ViewCounts>>;
  /** Each minute: users who clicked, and those of more than 50 clicks. */
  readonly activeUsers: readonly {
    readonly minute: string;
    readonly users: number;
    /** As the history has it, from a sketch; null for a minute that it no longer holds, or had no clicks. */
    readonly estimate: number | null;
    readonly alerts: readonly { readonly user: string; readonly clicks: number }[];
  }[];
  /** At the last moment. */
  readonly sessions: { readonly open: number; readonly longestSeconds: number; readonly mostClicks: number };
  /** From a click's put to an answer that has it, wall-clock milliseconds. */
  readonly latencyMs: Spread & { readonly clicks: number };
  readonly checked: { readonly moments: number; readonly values: number };
  readonly differences: number;
  readonly seconds: number;
  readonly ok: boolean;
}

/** Puts together what a run served and what the recount says of it. */
export function summarize(run: {
  readonly options: ClicksOptions;
  readonly range: TimeRange;
  readonly served: Served;
  readonly latenciesMs: readonly number[];
  readonly verdict: Verdict;
  readonly tookSeconds: number;
}): Summary {
  const { options, range, served, latenciesMs, verdict, tookSeconds } = run;
  const { moments, series, put, views } = served;
  const { seed, users, minutes, speed, shards } = options;
  return {
    seed,
    users,
    minutes,
    speed,
    shards,
    from: new Date(range.fromMs).toISOString(),
    put,
    views,
    activeUsers: moments.map(({ minute: { minuteMs, active, alerts } }) => ({
      minute: new Date(minuteMs).toISOString(),
      users: active,
      estimate: estimateOf(series.minutes, minuteMs),
      alerts,
    })),
    sessions: sessionsOf(moments.at(-1)),
    latencyMs: { ...spreadOf(latenciesMs), clicks: latenciesMs.length },
    checked: { moments: moments.length, values: verdict.values },
    differences: verdict.differences.length,
    seconds: tookSeconds,
    ok: verdict.differences.length === 0,
  };
}

function estimateOf(minutes: readonly MinuteEstimate[], minuteMs: number): number | null {
  return minutes.find((minute) => minute.minuteMs === minuteMs)?.users ?? null;
}

function sessionsOf(last: Served["moments"][number] | undefined): Summary["sessions"] {
  const open = (last?.users ?? []).filter(({ visitClicks }) => visitClicks > 0);
  return {
    open: open.length,
    longestSeconds: Math.max(0, ...open.map(({ asOfMs, visitStartMs }) => (asOfMs - visitStartMs!) / 1_000)),
    mostClicks: Math.max(0, ...open.map(({ visitClicks }) => visitClicks)),
  };
}

import type { HistoryAnswer } from "../../../lib/serve/routes/history.ts";

/** About how many users clicked in one minute. */
export interface MinuteEstimate {
  readonly minuteMs: number;
  readonly users: number;
}

/** A series of minutes, oldest first. */
export interface ActiveUsers {
  /** Since when it is known; a minute without clicks is left out. */
  readonly fromMs: number;
  readonly minutes: readonly MinuteEstimate[];
}

/**
 * Reads the last hour, minute by minute, by one request: `GET /v1/views/active_users/history`.
 *
 * @throws Error with the problem document when it answers anything but 200.
 */
export async function readActiveUsers(url: string): Promise<ActiveUsers> {
  const response = await fetch(new URL("/v1/views/active_users/history?feature=users_1h", url));
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the history answered ${response.status}: ${text}`);
  const [series] = (JSON.parse(text) as HistoryAnswer).series;
  return {
    fromMs: Date.parse(series!.stretches[0]!.from),
    minutes: series!.tiles
      .filter(({ open }) => !open)
      .map(({ start, value }) => ({ minuteMs: Date.parse(start), users: Number(value) })),
  };
}

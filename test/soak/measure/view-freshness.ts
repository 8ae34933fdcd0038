import type { ViewsAnswer } from "../../../lib/serve/catalog-answers.ts";

/** What the API says of a view. */
export interface ReportedFreshness {
  readonly view: string;
  readonly status: "fresh" | "stale" | "unknown" | "warming";
  /** Null: not known. */
  readonly lagMs: number | null;
  readonly slaMs: number;
}

/** Asks `GET /v1/views`; null: the server says that it has too much to do, and when to ask again. */
export async function reportedFreshness(url: string): Promise<readonly ReportedFreshness[] | null> {
  const response = await fetch(`${url}/v1/views`);
  if (response.status === 429 || response.status === 503) {
    await response.arrayBuffer();
    if (response.headers.has("retry-after")) return null;
  }
  if (response.status !== 200) throw new Error(`GET /v1/views answered ${response.status}.`);
  const { views } = (await response.json()) as ViewsAnswer;
  return views.map(({ view, status, lagMs, slaMs }) => ({ view, status, lagMs, slaMs }));
}

/** The longest lag; null as soon as one is not known, or was not answered. */
export function worstLagMs(views: readonly ReportedFreshness[] | null): number | null {
  if (views === null) return null;
  const lags = views.map(({ lagMs }) => lagMs);
  return lags.includes(null) ? null : Math.max(...(lags as readonly number[]));
}

import type { ClicksApi } from "../run/pipeline.ts";
import { answered } from "./answered.ts";

/** What is served of a user. */
export interface UserReading {
  readonly asOfMs: number;
  readonly user: string;
  readonly known: boolean;
  readonly status: string;
  /** In the last five minutes, by ten seconds. */
  readonly rolling: number;
  /** In the last minute that is over. */
  readonly lastMinute: number;
  readonly total: number;
  /** Clicks of the session that the user is in, and when it began; 0 and null for none. */
  readonly visitClicks: number;
  readonly visitStartMs: number | null;
}

/** Reads users over HTTP, 500 a request. */
export async function readUsers(
  api: ClicksApi["visitor"],
  users: readonly string[],
): Promise<readonly UserReading[]> {
  const answers = answered(await api.featuresMany(users.map((user) => ({ keys: { user } }))));
  return answers.map(({ user: { key, known, asOf, status, features } }) => ({
    asOfMs: Date.parse(asOf),
    user: String(key.user),
    known,
    status,
    rolling: features.clicks_5m,
    lastMinute: features.clicks_tumbling_1m,
    total: features.clicks_lifetime,
    visitClicks: features.visit_session_3m_15m,
    visitStartMs: features.visit_start_session_3m_15m,
  }));
}

import type { ServeLogger } from "../serve/logger.ts";
import { PROBLEMS, type ProblemType } from "../serve/problems.ts";
import { UnscoredError } from "./unscored-error.ts";

const UNAVAILABLE = 503;

/**
 * Writes what failed in the test's own code (`derive`, a score, `onPrediction`) on the console, since the API tells its
 * client no more than that something did. What a test lets go wrong with freshness, table and time is answered as such.
 */
export const testLogger: ServeLogger = {
  info() {},
  warn() {},
  error(message, { problem, error }) {
    if (problem !== undefined && PROBLEMS[problem as ProblemType].status === UNAVAILABLE) return;
    if (isUnscored(error)) return;
    console.error(`testPipeline: ${message}`, error);
  },
};

/** Of a model that has no score: `fetch` rejects with that itself. */
function isUnscored(error: unknown): boolean {
  if (error instanceof UnscoredError) return true;
  return error instanceof Error && error.cause !== undefined && isUnscored(error.cause);
}

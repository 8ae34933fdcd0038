import type { ServeLogger } from "./logger.ts";
import { PROBLEMS, type ProblemError } from "./problems.ts";

/** Logs a problem that is the server's own, with what the client is not told. */
export function logProblem(logger: ServeLogger, problem: ProblemError, requestId: string): void {
  // Ending is no failure, and the request's own line tells of it.
  if (PROBLEMS[problem.type].status < 500 || problem.type === "shutting-down") return;
  logger.error(problem.message, { requestId, problem: problem.type, error: problem.cause ?? problem });
}

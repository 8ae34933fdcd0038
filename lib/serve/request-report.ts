import type { ProblemType } from "./problems.ts";

/** What became of one request. */
export interface RequestReport {
  readonly method: string;
  /** The route's pattern; `unmatched` where there is none. */
  readonly route: string;
  readonly status: number;
  /** What the answer is a problem document of; null where it is none. */
  readonly problem: ProblemType | null;
  readonly durationMs: number;
}

/** Takes reports as requests end. Must not throw. */
export type RequestReporter = (report: RequestReport) => void;

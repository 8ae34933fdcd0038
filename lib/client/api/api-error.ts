import { FreshetError, type FreshetErrorCode } from "../../define/error.ts";
import type { Problem } from "./answers.ts";
import { isJsonObject } from "./json-object.ts";

/**
 * A call that got no answer, or a problem. `code` is the problem's own (`REQUEST_INVALID`, `FEATURES_STALE`,
 * `OVERLOADED`, ...), or `API_UNREACHABLE`, `API_TIMEOUT`, `API_ANSWER_INVALID` where there is none; `REQUEST_INVALID` too
 * for a request that cannot be written as JSON, which is not sent. A FreshetError that the given `fetch` throws is the
 * `cause`, and gives its code.
 *
 * @example
 * ```ts
 * try {
 *   await client(checkout, { url }).predict({ keys: { card: "A7" }, context: { amount: 12.5 } });
 * } catch (error) {
 *   if (error instanceof ApiError && error.code === "FEATURES_STALE") console.warn(error.problem?.detail);
 *   else throw error;
 * }
 * ```
 */
export class ApiError extends FreshetError {
  /** The problem that the API answered; null where it answered none. */
  readonly problem: Problem | null;
  /** Status of the last answer; null where there was none. */
  readonly status: number | null;

  constructor(
    code: FreshetErrorCode,
    message: string,
    options: { readonly problem?: Problem; readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(code, message, options.cause === undefined ? {} : { cause: options.cause });
    this.problem = options.problem ?? null;
    this.status = options.status ?? options.problem?.status ?? null;
  }
}

/** Whether JSON has what every problem document has. */
export function isProblem(value: unknown): value is Problem {
  return (
    isJsonObject(value) &&
    typeof value.type === "string" &&
    typeof value.code === "string" &&
    typeof value.status === "number" &&
    typeof value.detail === "string"
  );
}

/** The error that a problem document is. Its code is taken as it stands: a newer API may know more of them. */
export function problemError(problem: Problem, where: string): ApiError {
  return new ApiError(problem.code as FreshetErrorCode, `${where}: ${problem.detail}`, { problem });
}

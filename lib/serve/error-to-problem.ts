import { HTTPException } from "hono/http-exception";
import { FreshetError } from "../define/error.ts";
import { ProblemError } from "./problems.ts";

const RETRY_SOON_SECONDS = 1;

/**
 * The problem that any error is answered as. What is not for the client to know (an AWS error, a stack, a corrupt
 * item) becomes `internal` or a fixed sentence; the error itself stays as `cause`, for the log.
 */
export function errorToProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HTTPException) return httpProblem(error);
  if (error instanceof FreshetError) return freshetProblem(error);
  return new ProblemError("internal", "The request failed inside the server; its log has the request id.", {
    cause: error,
  });
}

function httpProblem(error: HTTPException): ProblemError {
  if (error.status === 400) {
    return new ProblemError("invalid-json", "The body could not be parsed as JSON.", { cause: error });
  }
  if (error.status === 415) {
    return new ProblemError(
      "unsupported-media-type",
      "The Content-Type of the body is missing or another; send application/json.",
      { cause: error },
    );
  }
  return errorToProblem(new Error(`HTTP ${error.status}`, { cause: error }));
}

function freshetProblem(error: FreshetError): ProblemError {
  const retry = { cause: error, retryAfterSeconds: RETRY_SOON_SECONDS };
  switch (error.code) {
    case "ENTITY_KEY_INVALID":
    case "ENTITY_KEY_TOO_LONG":
      return new ProblemError("invalid-request", error.message, {
        issues: [{ pointer: "#/keys", issue: "invalid-value", detail: error.message }],
        cause: error,
      });
    case "DERIVE_FAILED":
      return new ProblemError(
        "derive-failed",
        "The service's derive failed on these features and this context.",
        {
          cause: error,
        },
      );
    case "STORE_UNAVAILABLE":
    case "STREAM_UNAVAILABLE":
      return new ProblemError("store-unavailable", "The feature store did not answer; try again.", retry);
    case "IMAGE_VERSION_UNKNOWN":
      return new ProblemError(
        "state-unreadable",
        "An item has a state format that this release cannot read.",
        retry,
      );
    case "AS_OF_TOO_OLD":
      return new ProblemError("as-of-too-old", "An item has events far ahead of this reader's clock.", retry);
    default:
      return errorToProblem(new Error(error.code, { cause: error }));
  }
}

import { FreshetError, type FreshetErrorCode } from "../define/error.ts";

/** Every kind of problem document that the API answers: status and title by the last part of its type URI. */
export const PROBLEMS = {
  "invalid-json": { status: 400, title: "The body is not JSON", code: "REQUEST_INVALID" },
  "invalid-request": { status: 400, title: "The request does not fit its schema", code: "REQUEST_INVALID" },
  "policy-unavailable": {
    status: 400,
    title: "The model has no such staleness policy",
    code: "REQUEST_INVALID",
  },
  "range-too-wide": { status: 400, title: "The answer would hold too many tiles", code: "REQUEST_INVALID" },
  "not-found": { status: 404, title: "No such path", code: "REQUEST_INVALID" },
  "unknown-model": { status: 404, title: "No such model", code: "REQUEST_INVALID" },
  "unknown-service": { status: 404, title: "No such feature service", code: "REQUEST_INVALID" },
  "unknown-view": { status: 404, title: "No such feature view", code: "REQUEST_INVALID" },
  "method-not-allowed": { status: 405, title: "The path has no such method", code: "REQUEST_INVALID" },
  "body-too-large": { status: 413, title: "The body is over the limit", code: "REQUEST_INVALID" },
  "too-many-entities": {
    status: 413,
    title: "More entities than one request may name",
    code: "REQUEST_INVALID",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body is not application/json",
    code: "REQUEST_INVALID",
  },
  overloaded: { status: 429, title: "More requests than are answered at a time", code: "OVERLOADED" },
  "derive-failed": { status: 500, title: "The service's derive failed", code: "DERIVE_FAILED" },
  "score-not-finite": { status: 500, title: "The model's score is not a number", code: "MODEL_INVALID" },
  internal: { status: 500, title: "Internal error", code: "INTERNAL" },
  "stale-features": { status: 503, title: "Features violate their freshness SLA", code: "FEATURES_STALE" },
  "store-unavailable": { status: 503, title: "The feature store is unreachable", code: "STORE_UNAVAILABLE" },
  "state-unreadable": {
    status: 503,
    title: "State was written by a newer release",
    code: "IMAGE_VERSION_UNKNOWN",
  },
  "as-of-too-old": { status: 503, title: "This reader's clock is behind", code: "AS_OF_TOO_OLD" },
  "time-limit-exceeded": {
    status: 503,
    title: "The request took longer than it may",
    code: "TIME_LIMIT_EXCEEDED",
  },
  "shutting-down": { status: 503, title: "The server is shutting down", code: "SHUTTING_DOWN" },
  "not-ready": { status: 503, title: "Not ready", code: "STORE_UNAVAILABLE" },
} as const satisfies Record<string, { status: number; title: string; code: FreshetErrorCode }>;

export type ProblemType = keyof typeof PROBLEMS;

/** What is wrong with one place of a request. */
export interface RequestIssue {
  /** JSON Pointer into the body, `#/keys/origin`, or a query parameter, `?key.origin`. */
  readonly pointer: string;
  readonly issue: "missing" | "unknown-field" | "wrong-type" | "invalid-value";
  readonly detail: string;
}

/** An error that is answered as a problem document (RFC 9457). */
export class ProblemError extends FreshetError {
  readonly type: ProblemType;
  readonly issues: readonly RequestIssue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    type: ProblemType,
    detail: string,
    options: {
      readonly issues?: readonly RequestIssue[];
      /** Sent as Retry-After, in whole seconds. */
      readonly retryAfterSeconds?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(PROBLEMS[type].code, detail, options.cause === undefined ? {} : { cause: options.cause });
    this.type = type;
    this.issues = options.issues ?? [];
    this.headers = {
      ...options.headers,
      ...(options.retryAfterSeconds === undefined
        ? {}
        : { "Retry-After": String(options.retryAfterSeconds) }),
    };
  }
}

/** A request refused for these places; the first one's detail is the document's. */
export function invalidRequest(issues: readonly RequestIssue[]): ProblemError {
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more, in "errors")` : "";
  return new ProblemError("invalid-request", `${issues[0]!.pointer}: ${issues[0]!.detail}${more}`, {
    issues,
  });
}

/** A place in the body as a JSON Pointer (RFC 6901), in a URI fragment. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return `#${path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")}`;
}

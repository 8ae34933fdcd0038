import { FreshetError } from "../../define/error.ts";
import { fullJitterMs } from "../../online/backoff.ts";
import type { Problem } from "./answers.ts";
import { ApiError, isProblem, problemError } from "./api-error.ts";
import type { ClientTiming } from "./client-options.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Answers that say: not now. */
const TRY_AGAIN: readonly number[] = [429, 503];

/** Added to what Retry-After asks for, so that callers who were refused together do not come back together. */
const JITTER = { baseMs: 100, capMs: 1_000 };

/** How much of an answer that is no problem document an error shows. */
const SHOWN_CHARACTERS = 200;

export interface CallOptions {
  readonly url: URL;
  /** Posted as JSON; undefined for a GET. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch;
  readonly timing: ClientTiming;
  /** For the whole call, waits and further attempts included. */
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends a request and answers the JSON that comes back. 429 and 503 are tried again after their Retry-After, as often and as long as
 * the options allow; a wait that would end after the timeout is not begun.
 *
 * @throws ApiError
 */
export async function call(options: CallOptions): Promise<unknown> {
  const { url, timing, timeoutMs, attempts } = options;
  const startMs = timing.now();
  const leftMs = () => timeoutMs - (timing.now() - startMs);
  const body = options.body === undefined ? null : encode(options.body, url);
  for (let attempt = 0; ; attempt++) {
    const { status, retryAfter, text } = await send(options, body, Math.max(1, leftMs()));
    if (status >= 200 && status < 300) return parseAnswer(text, status, url);
    const problem = problemOf(text);
    const error =
      problem === null
        ? new ApiError(
            "API_ANSWER_INVALID",
            `${url} answered ${status} and no problem document: ${shown(text)}`,
            {
              status,
            },
          )
        : problemError(problem, url.pathname);
    if (!TRY_AGAIN.includes(status) || attempt + 1 >= attempts) throw error;
    const askedMs = retryAfterMs(retryAfter, timing.now()) ?? 0;
    const waitMs = askedMs + fullJitterMs(attempt, timing.random, JITTER);
    if (waitMs >= leftMs()) throw error;
    await timing.sleep(waitMs, options.signal);
    options.signal?.throwIfAborted();
  }
}

function encode(body: unknown, url: URL): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(
      "REQUEST_INVALID",
      `the request to ${url.pathname} cannot be written as JSON: ${reason}`,
      { cause },
    );
  }
}

async function send(
  { url, headers, fetch, timeoutMs, signal }: CallOptions,
  body: string | null,
  leftMs: number,
): Promise<{ readonly status: number; readonly retryAfter: string | null; readonly text: string }> {
  const timeout = AbortSignal.timeout(Math.ceil(leftMs));
  try {
    const response = await fetch(url, {
      ...(body === null
        ? { headers: { ...headers, Accept: "application/json" } }
        : {
            method: "POST",
            headers: { ...headers, "Content-Type": "application/json", Accept: "application/json" },
            body,
          }),
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    const { status } = response;
    return { status, retryAfter: response.headers.get("Retry-After"), text: await response.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    if (timeout.aborted) {
      throw new ApiError("API_TIMEOUT", `${url} did not answer within ${timeoutMs} ms`, { cause });
    }
    // Of a fetch that is not the system's: it refused the call, and no network failed.
    if (cause instanceof FreshetError)
      throw new ApiError(cause.code, `${url.pathname}: ${cause.message}`, { cause });
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw new ApiError(
      "API_UNREACHABLE",
      `${url} could not be reached: ${reason instanceof Error ? reason.message : String(reason)}`,
      { cause },
    );
  }
}

function parseAnswer(text: string, status: number, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("API_ANSWER_INVALID", `${url} answered ${status} and no JSON: ${shown(text)}`, {
      status,
      cause,
    });
  }
}

function problemOf(text: string): Problem | null {
  try {
    const document: unknown = JSON.parse(text);
    return isProblem(document) ? document : null;
  } catch {
    return null;
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
}

import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ServeVariables } from "../context.ts";
import { ProblemError } from "../problems.ts";

/**
 * Has the body whole before the request goes on: a client that stalls in the middle of it, whose body may never end,
 * holds up nobody else.
 */
export function wholeBody(bodyBytes: number): MiddlewareHandler<ServeVariables> {
  const limitBody = bodyLimit({
    maxSize: bodyBytes,
    onError: () => {
      throw new ProblemError("body-too-large", `The body is over the limit of ${bodyBytes} bytes.`);
    },
  });
  return async (context, next) => {
    try {
      // Hono keeps the text for those who ask for it, or for the JSON in it, later.
      await limitBody(context, async () => void (await context.req.text()));
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause;
      throw new ProblemError("invalid-json", "The body ended before it was whole.", { cause });
    }
    await next();
  };
}

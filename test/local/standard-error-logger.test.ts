import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { FreshetError } from "../../lib/define/error.ts";
import { createStandardErrorLogger } from "../../lib/local/standard-error-logger.ts";

it("writes warnings and errors as a JSON line each, causes included, and no line a request", () => {
  const output = new PassThrough();
  const logger = createStandardErrorLogger(output);
  const cause = new TypeError("connection refused");
  logger.info("answered", { requestId: "r1" });
  logger.warn("will be tried again", { attempt: 2 });
  logger.error("failed", { error: new FreshetError("STORE_UNAVAILABLE", "the table is away", { cause }) });
  const lines = String(output.read()).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "warn", message: "will be tried again", attempt: 2 },
    {
      level: "error",
      message: "failed",
      error: {
        name: "FreshetError",
        code: "STORE_UNAVAILABLE",
        message: "the table is away",
        cause: { name: "TypeError", message: "connection refused" },
      },
    },
  ]);
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleFunction } from "../../lib/bundle/bundle-function.ts";
import { ORDERS } from "../constructs/fixtures/synthesise.ts";

type Handler = (event: unknown) => Promise<{ readonly statusCode: number }>;

let folder: string;
let handler: Handler;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "freshet-infer-"));
  bundleFunction({ name: "infer", definitionsFile: ORDERS, modelFiles: ["orders.onnx"] }, folder);
  ({ handler } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, "index.mjs")).href)) as {
    handler: Handler;
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A request as a function URL hands it. */
const health = {
  version: "2.0",
  rawPath: "/healthz",
  rawQueryString: "",
  headers: { host: "example.test" },
  requestContext: { domainName: "example.test", http: { method: "GET", path: "/healthz" } },
  isBase64Encoded: false,
};

describe("the deployed API", () => {
  it("that could not begin rejects, so that Lambda counts an error, and begins with the next request", async () => {
    vi.stubEnv("FRESHET_TABLE", "");
    await expect(handler(health)).rejects.toThrow("environment variable FRESHET_TABLE is not set");
    await expect(handler(health)).rejects.toThrow("FRESHET_TABLE");
    vi.stubEnv("FRESHET_TABLE", "features");
    vi.stubEnv("AWS_REGION", "eu-west-1");
    expect(await handler(health)).toMatchObject({ statusCode: 200 });
    // It has begun: what it began with is not asked again.
    vi.stubEnv("FRESHET_TABLE", "");
    expect(await handler(health)).toMatchObject({ statusCode: 200 });
  });
});

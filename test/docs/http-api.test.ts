import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { readReferenceScript } from "../../lib/local/reference-script.ts";
import { createReplayClock } from "../../lib/local/replay-clock.ts";
import { type LocalRuntime, startLocalRuntime } from "../../lib/local/runtime.ts";
import { DEFAULT_LIMITS } from "../../lib/serve/limits/limits.ts";
import { PROBLEMS } from "../../lib/serve/problems.ts";
import { harness } from "../serve/fixtures/harness.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const text = await readFile(join(root, "docs/http-api.md"), "utf8");
const blocks = [...text.matchAll(/^```(\w+)(?: (\w+))?\n([\s\S]*?)^```$/gm)].map(
  ([, language, name, code]) => ({ language: language!, name, code: code! }),
);
const shownUrl = "http://127.0.0.1:8787";

/** The rows of the table under a heading, cell by cell. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const start = heading === "" ? 0 : text.indexOf(`\n## ${heading}\n`);
  expect(start, heading).toBeGreaterThanOrEqual(0);
  const table = /^\|[\s\S]*?\n(?!\|)/m.exec(text.slice(start))![0];
  return table
    .trim()
    .split("\n")
    .slice(2)
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

describe("docs/http-api.md", () => {
  it("names every route, and no other", () => {
    const { app } = harness({ readReferenceScript });
    const routes = app.routes
      .filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(
      tableUnder("")
        .map(([route]) => route)
        .sort(),
    ).toEqual([...new Set(routes)].sort());
  });

  it("names every problem type with its status and code", () => {
    expect(tableUnder("Problems").map(([type, status, code]) => [type, Number(status), code])).toEqual(
      Object.entries(PROBLEMS).map(([type, { status, code }]) => [type, status, code]),
    );
  });

  it("names every limit with its default and its problem", () => {
    const rows = tableUnder("Limits");
    expect(rows.map(([name, value]) => [name, Number(value)])).toEqual(Object.entries(DEFAULT_LIMITS));
    for (const [, , beyond] of rows) {
      const named = /^(\d{3}) ([\w-]+)/.exec(beyond!);
      if (named === null) continue;
      expect(PROBLEMS[named[2] as keyof typeof PROBLEMS].status).toBe(Number(named[1]));
    }
  });
});

describe("the examples of docs/http-api.md", () => {
  let folder: string;
  let runtime: LocalRuntime;

  beforeAll(async () => {
    // Inside the package, so that "freshet-kit" is this package; not in node_modules, where none reaches.
    const ignored = join(root, "dist");
    await mkdir(ignored, { recursive: true });
    folder = await mkdtemp(join(ignored, "http-api-"));
    for (const { language, name, code } of blocks) {
      if (language === "ts") await writeFile(join(folder, `${name}.ts`), code);
    }
    await copyFile(join(root, "test/local/fixtures/orders.onnx"), join(folder, "orders.onnx"));
    const clock = createReplayClock(Date.parse("2024-03-01T11:40:00Z"));
    const definitionsFile = join(folder, "definitions.ts");
    // As `freshet lock` does: under CI a runtime starts from locked definitions alone.
    await loadDefinitions(definitionsFile, { lock: "update" });
    runtime = await startLocalRuntime({ definitionsFile, clock, shards: 1 });
    await runtime.put("orders", [
      { id: "o1", card: "c1", shop: "books", amount: 30, at: "2024-03-01T11:42:00Z" },
      { id: "o2", card: "c1", shop: "tea", amount: 12.5, at: "2024-03-01T11:59:05Z" },
    ]);
    clock.set(Date.parse("2024-03-01T12:00:00Z"));
    await runtime.heartbeat();
    await runtime.drain();
  });
  afterAll(async () => {
    await runtime?.stop();
    await rm(folder, { recursive: true });
  });

  it("are calls, each with its answer", () => {
    const kinds = blocks.map(({ language }) => language).filter((language) => language !== "ts");
    expect(kinds).toEqual(Array(5).fill(["sh", "json"]).flat());
  });

  const calls = blocks.filter(({ language }) => language === "sh").map(({ code }) => code.trim());
  it.each(calls)("%s", async (call) => {
    const shown = blocks[blocks.findIndex(({ code }) => code.trim() === call) + 1]!.code;
    const { stdout } = await run("sh", [
      "-c",
      call.replaceAll(shownUrl, runtime.url).replace("curl ", "curl -s "),
    ]);
    expectShown(JSON.parse(stdout), JSON.parse(shown), "");
  });

  it("compile", async () => {
    const files = ["definitions.ts", "client.ts", "put.ts"];
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.json"), include: [], files }),
    );
    await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]);
  }, 120_000);

  it("run: the client", async () => {
    expect(await runFile("client.ts", (code) => code.replace(shownUrl, runtime.url))).toMatch(
      /^0\.27\d+ 2 warming\n2024-03-01T11:40:00\.000Z 1\n2024-03-01T11:59:00\.000Z 1\n0\.27\d+\n0\.26\d+\n$/,
    );
  });

  it("run: put", async () => {
    const stdout = await runFile("put.ts", (code) =>
      code
        .replace("import {", 'import { NodeHttpHandler } from "@smithy/node-http-handler";\nimport {')
        .replace(
          "new KinesisClient({})",
          `new KinesisClient({ endpoint: "${runtime.endpoints.kinesis}", region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" }, requestHandler: new NodeHttpHandler() })`,
        )
        .replace('"orders" }', `"${runtime.streams.orders}" }`),
    );
    expect(stdout).toBe("1 1\n");
  });

  async function runFile(name: string, change: (code: string) => string): Promise<string> {
    const file = join(folder, `run-${name}`);
    const code = await readFile(join(folder, name), "utf8");
    expect(change(code)).not.toBe(code);
    await writeFile(file, change(code));
    const tsx = createRequire(import.meta.url).resolve("tsx");
    const environment = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
    return (await run(process.execPath, ["--import", tsx, file], { env: environment })).stdout;
  }
});

/** What differs from run to run. */
const VARYING = new Set(["requestId", "instance", "writer", "sequenceNumber"]);

/** All that is shown is in the answer; an answer may hold more. */
function expectShown(actual: unknown, shown: unknown, place: string): void {
  if (Array.isArray(shown)) {
    expect(actual, place).toHaveLength(shown.length);
    for (const [index, each] of shown.entries())
      expectShown((actual as unknown[])[index], each, `${place}/${index}`);
  } else if (typeof shown === "object" && shown !== null) {
    for (const [name, value] of Object.entries(shown)) {
      const own = (actual as Record<string, unknown>)[name];
      if (VARYING.has(name)) expect(typeof own, `${place}/${name}`).toBe(typeof value);
      else expectShown(own, value, `${place}/${name}`);
    }
  } else if (typeof shown === "number") expect(actual, place).toBeCloseTo(shown, 3);
  else expect(actual, place).toBe(shown);
}

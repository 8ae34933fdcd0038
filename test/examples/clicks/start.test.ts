import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Summary } from "../../../examples/clicks/summary/summary.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const SMALL = ["--once", "--minutes", "3", "--users", "30", "--speed", "90", "--seed", "3", "--quiet"];

function start(...argv: string[]): ChildProcess & { readonly written: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", "examples/clicks/start.ts", ...argv], {
    cwd: root,
  });
  let written = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (data) => {
      written += data;
    });
  }
  return Object.assign(child, { written: () => written });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, "close")) as [number | null];
  return code;
}

describe("a small run", () => {
  let folder: string;
  let raw: readonly string[];
  let summary: Summary;
  let code: number | null;
  const lines = async (name: string): Promise<readonly string[]> =>
    (await readFile(join(folder, name), "utf8")).trim().split("\n");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "clicks-test-"));
    const run = start(
      ...SMALL,
      "--json",
      "--raw",
      join(folder, "raw.jsonl"),
      "--log",
      join(folder, "log.jsonl"),
    );
    code = await exitOf(run);
    summary = JSON.parse(run.written().trim().split("\n").at(-1)!) as Summary;
    raw = await lines("raw.jsonl");
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true }));

  test("agrees with SQL and exits 0", () => {
    expect(code).toBe(0);
    expect(summary).toMatchObject({ ok: true, differences: 0, put: raw.length });
    expect(summary.checked).toMatchObject({ moments: 3 });
    expect(summary.checked.values).toBeGreaterThan(3 * 30 * 8);
    expect(Object.keys(summary.views)).toEqual(["active_users@1", "site@1", "user_clicks@1"]);
    expect(summary.activeUsers).toHaveLength(3);
  });

  test("logs the latency of every click, once, and sums it up", async () => {
    const logged = (await lines("log.jsonl")).map(
      (each) => JSON.parse(each) as { id: string; put: string; latencyMs: number },
    );
    const ids = new Set(raw.map((each) => (JSON.parse(each) as { id: string }).id));
    expect(new Set(logged.map(({ id }) => id))).toEqual(ids);
    expect(logged).toHaveLength(ids.size);
    const latencies = logged.map(({ latencyMs }) => latencyMs).sort((left, right) => left - right);
    expect(latencies[0]).toBeGreaterThan(0);
    expect(summary.latencyMs.clicks).toBe(ids.size);
    expect(summary.latencyMs.p50).toBeCloseTo(latencies[Math.floor((latencies.length - 1) / 2)]!, 2);
    // By the machine's clock, not that of the clicks.
    for (const { put } of logged) expect(Math.abs(Date.parse(put) - Date.now())).toBeLessThan(600_000);
  });

  test("exits 1 and names the differences when the raw events are others", async () => {
    const [first, ...rest] = raw;
    const moved = JSON.stringify({ ...(JSON.parse(first!) as object), user: "nobody" });
    const tampered = join(folder, "tampered.jsonl");
    await writeFile(tampered, `${[moved, ...rest].join("\n")}\n`);
    const run = start(...SMALL, "--against", tampered);
    expect(await exitOf(run)).toBe(1);
    const { user } = JSON.parse(first!) as { user: string };
    expect(run.written()).toMatch(new RegExp(`${user}: total is \\d+, expected \\d+`));
    expect(run.written()).toContain("nobody: known is missing, expected true");
    expect(run.written()).toMatch(/differences +[1-9]/);
  }, 300_000);
});

describe("the command", () => {
  test("shows its options and exits 0", async () => {
    const child = start("--help");
    expect(await exitOf(child)).toBe(0);
    for (const option of ["--once", "--seed", "--users", "--minutes", "--json", "--log", "--quiet", "--port"])
      expect(child.written()).toContain(option);
  });

  test("refuses with 2 what cannot be", async () => {
    const users = start("--users", "0");
    expect(await exitOf(users)).toBe(2);
    expect(users.written()).toContain("Write a whole number from 1 to 1000");
    const json = start("--json");
    expect(await exitOf(json)).toBe(2);
    expect(json.written()).toContain("--json needs --once");
    const log = start("--once", "--log", "/nowhere/at/all.jsonl");
    expect(await exitOf(log)).toBe(2);
    expect(log.written()).toContain("--log /nowhere/at/all.jsonl cannot be written");
    const against = start("--once", "--against", "/nowhere/at/all.jsonl");
    expect(await exitOf(against)).toBe(2);
    expect(against.written()).toContain("/nowhere/at/all.jsonl cannot be read");
  });

  test("says what to try, and ends with 0 on Ctrl-C", async () => {
    const child = start("--port", "0");
    const shown = /(http:\/\/127\.0\.0\.1:\d+)\/v1\/features/;
    while (!shown.test(child.written()) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [, url] = shown.exec(child.written())!;
    const response = await fetch(`${url}/v1/features`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ view: "user_clicks", keys: { user: "u0000" } }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty("views.user_clicks.features.clicks_5m");
    child.kill("SIGINT");
    expect(await exitOf(child)).toBe(0);
    expect(child.written()).toContain("Stopped.");
  }, 300_000);
});

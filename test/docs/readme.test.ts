import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { codeBlocks, commandsOf, ROOT } from "./code-blocks.ts";
import { compile, createFolderInPackage } from "./compile.ts";

const root = ROOT;
const run = promisify(execFile);
const readme = await readFile(join(root, "README.md"), "utf8");
const blocks = codeBlocks("README.md", readme);
const commands = blocks.filter(({ language }) => language === "sh").flatMap(commandsOf);

/** What a command of the README prints, in its own words, when it has worked. */
const SHORT_COMMANDS: Readonly<Record<string, RegExp>> = {
  "npm start -- --once --days 1": /differences +0\n/,
  "npm run freshet -- describe examples/flights/definitions.ts": /view destination_arrivals@1/,
  // The README's table is of these figures.
  "npm run freshet -- cost examples/flights/definitions.ts --events-per-second 100 --predictions-per-second 10":
    /\$546\.29 +DynamoDB[\s\S]*\$85\.80 +Kinesis[\s\S]*\$77\.56 +CloudWatch[\s\S]*\$58\.98 +Firehose[\s\S]*\$27\.56 +Lambda/,
  "npm run bench -- fold": /fold in memory: ratio to the bare parse +\d+(\.\d+)?/,
};

describe("the README's example", () => {
  let folder: string;
  let file: string;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    ({ folder, remove } = await createFolderInPackage());
    file = join(folder, "example.ts");
    await writeFile(file, blocks.find(({ language }) => language === "ts")!.text);
  });
  afterAll(() => remove());

  it("comes first, and is at most 15 lines of code", () => {
    const [first] = blocks;
    expect(first!.language).toBe("ts");
    expect(
      first!.text
        .trim()
        .split("\n")
        .filter((line) => line.trim() !== "").length,
    ).toBeLessThanOrEqual(15);
  });

  it("loads as definitions", async () => {
    const { views, models } = await loadDefinitions(file, { lock: "ignore" });
    expect(views.map(({ name }) => name)).toEqual(["card"]);
    expect(models.map(({ name }) => name)).toEqual(["fraud"]);
  });

  it("compiles, and does not with a misspelt name, a sum of text or a wrong duration", async () => {
    await compile(folder, "example.ts");
    const text = await readFile(file, "utf8");
    for (const [right, wrong] of [
      ['t.sum("amount")', 't.sum("card")'],
      ['"card.spend_5m"', '"card.spent_5m"'],
      ['"5m", "1h", "24h"', '"5 min", "1h", "24h"'],
    ] as const) {
      expect(text).toContain(right);
      await writeFile(file, text.replace(right, wrong));
      await expect(compile(folder, "example.ts"), wrong).rejects.toMatchObject({ code: expect.any(Number) });
    }
  }, 300_000);
});

describe("the reference of definitions", () => {
  it("shows a module that loads, and has the features that its comments name", async () => {
    const page = "docs/definitions.md";
    const [block] = codeBlocks(page, await readFile(join(root, page), "utf8"));
    const code = block!.text;
    const { folder, remove } = await createFolderInPackage();
    try {
      const file = join(folder, "definitions.ts");
      await writeFile(file, code);
      const { views } = await loadDefinitions(file, { lock: "ignore" });
      const named = [...code.matchAll(/, \/\/ (.*)$/gm)].flatMap(([, names]) => names!.split(", "));
      expect(named.length).toBeGreaterThan(8);
      expect(views.find(({ name }) => name === "card")!.features.map(({ name }) => name)).toEqual(named);
    } finally {
      await remove();
    }
  });
});

describe("the README's commands", () => {
  it("are the ones tested here, and the two that start and test everything", () => {
    expect([...commands].sort()).toEqual(["npm start", "npm test", ...Object.keys(SHORT_COMMANDS)].sort());
  });

  it("include the test command that CI runs", async () => {
    expect(await readFile(join(root, ".ci/run"), "utf8")).toContain("npm test --");
  });

  it.each(Object.entries(SHORT_COMMANDS))(
    "%s",
    async (command, expected) => {
      const { stdout } = await run("sh", ["-c", command], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
      expect(stdout).toMatch(expected);
    },
    400_000,
  );

  it("npm start: prints a curl line whose answer it gives, and leaves nothing running on Ctrl-C", async () => {
    // A process group of its own, as a terminal gives: Ctrl-C goes to npm and to what npm runs.
    const child = spawn("npm", ["start"], { cwd: root, detached: true });
    const written = collect(child);
    const curl = await written.until(/^ +(curl .*)$/m, 300_000);
    const answer = await written.until(/It answers[^{]*(\{.*\})/, 120_000);
    const { stdout } = await run("sh", ["-c", curl]);
    expect(JSON.parse(stdout)).toMatchObject({ model: JSON.parse(answer).model, score: expect.any(Number) });
    const ended = once(child, "exit");
    process.kill(-child.pid!, "SIGINT");
    const [code, signal] = (await ended) as [number | null, string | null];
    // npm itself passes the signal on as its own end; the replay's own exit code is tested beside the example.
    expect(code === 0 || signal === "SIGINT", `exit ${code}, signal ${signal}`).toBe(true);
    await groupEnds(child.pid!);
  }, 480_000);
});

/** Resolves once no process of the group is left; rejects when one stays. */
async function groupEnds(group: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 15_000; waitedMs += 100) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("15 seconds after Ctrl-C a process of npm start is still running");
}

/** What a process writes, and a wait for a part of it: the first group of a pattern. */
function collect(child: ChildProcess): { until(pattern: RegExp, timeoutMs: number): Promise<string> } {
  let text = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (data) => {
      text += data;
    });
  }
  return {
    async until(pattern, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const match = pattern.exec(text);
        if (match !== null) return match[1]!;
        if (child.exitCode !== null || performance.now() > deadline) {
          throw new Error(`${pattern} was not written; written was:\n${text}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cardEvents } from "../../bench/workload/card-events.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm run bench -- ...` without npm's own lines. */
function bench(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
    execFile(
      process.execPath,
      ["--import", "tsx", "bench/run.ts", ...args],
      options,
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

/** Each benchmark as small as it goes, and a measure that it must have. */
const TINY: readonly (readonly [string, readonly string[], string])[] = [
  ["fold", ["--events", "2000", "--keys", "20"], "fold in memory: ratio to the bare parse"],
  ["codec", ["--milliseconds", "1", "--days", "1"], "item, key and position included"],
  ["merge", ["--milliseconds", "1", "--entities", "2"], "a read"],
  ["store", ["--events", "200", "--keys", "20", "--batches", "100,1000"], "write units to the floor"],
  ["serve", ["--requests", "2", "--cards", "5"], "CPU time of all but the store (table in memory)"],
  ["start", [], "process start to first answer"],
];

describe("npm run bench", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "freshet-bench-test-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(TINY)("%s prints a table, and its report as JSON", async (name, args, measure) => {
    const { code, stdout, stderr } = await bench(name, "--runs", "1", "--json", ...args);
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      report: "freshet-bench",
      version: 1,
      bench: name,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      seconds: expect.any(Number),
      commit: { changed: expect.any(Boolean) },
      machine: { processor: expect.any(String), cores: expect.any(Number), node: process.version },
      settings: { runs: 1 },
    });
    for (const figure of report.figures) {
      expect(figure).toMatchObject({ case: expect.any(String), unit: expect.any(String) });
      expect(["higher", "lower", "neither"]).toContain(figure.better);
      expect(figure.runs.every(Number.isFinite)).toBe(true);
      expect(figure.lowest).toBeLessThanOrEqual(figure.median);
      expect(figure.median).toBeLessThanOrEqual(figure.highest);
      expect(figure.reached === null).toBe(figure.goal === null);
    }
    const measures: string[] = report.figures.map((figure: { measure: string }) => figure.measure);
    expect(measures).toContain(measure);
    expect(stderr).toContain(measure);
  });

  it("fold reads a file of events, and says when it has too few", async () => {
    const file = join(folder, "events.jsonl");
    const events = [...cardEvents({ count: 4_000, keys: 10, distribution: "zipf" })];
    await writeFile(file, `${events.map(({ text }) => text).join("\n")}\n`);
    const args = ["fold", "--input", file, "--runs", "1", "--json"];
    const { code, stdout, stderr } = await bench(...args, "--events", "2000");
    expect(code, stderr).toBe(0);
    const cards = JSON.parse(stdout).figures.find(
      (figure: { measure: string }) => figure.measure === "cards",
    );
    expect(cards.median).toBe(new Set(events.map(({ card }) => card)).size);
    const short = await bench(...args, "--events", "3000");
    expect(short.code).not.toBe(0);
    expect(short.stderr).toMatch(/fewer events than were asked for/);
  });

  it("--compare runs the benchmark of an earlier report with its settings, and sets figure against figure", async () => {
    const file = join(folder, "earlier.json");
    const first = await bench(
      "merge",
      "--runs",
      "2",
      "--milliseconds",
      "1",
      "--entities",
      "3",
      "--output",
      file,
    );
    expect(first.code, first.stderr).toBe(0);
    const earlier = JSON.parse(await readFile(file, "utf8"));
    const second = await bench("--compare", file, "--json");
    expect(second.code, second.stderr).toBe(0);
    expect(JSON.parse(second.stdout).settings).toEqual(earlier.settings);
    expect(second.stderr).toMatch(/beside commit [0-9a-f]+/);
    expect(second.stderr).not.toMatch(/in one of the two only/);
    expect(second.stderr.match(/x \d+\.\d\d +(better|worse|same|changed)/g)).toHaveLength(
      earlier.figures.length,
    );
  });

  it("--compare refuses what is no report, is another benchmark's, or is not there", async () => {
    const notJson = join(folder, "not.json");
    await writeFile(notJson, "not JSON\n");
    const other = join(folder, "other.json");
    await writeFile(other, '{"figures":[]}\n');
    const codec = join(folder, "codec.json");
    await bench("codec", "--runs", "1", "--milliseconds", "1", "--days", "1", "--output", codec);
    for (const [args, message] of [
      [["--compare", notJson], /is no report of a benchmark/],
      [["--compare", other], /is no report of a benchmark/],
      [["merge", "--compare", codec], /is a report of codec, not of merge/],
      [["--compare", join(folder, "absent.json")], /cannot be read/],
    ] as const) {
      const { code, stdout, stderr } = await bench(...args);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
      expect(stdout).toBe("");
    }
  });

  it("names the benchmarks and their options, and refuses what it does not know", async () => {
    expect((await bench("--help")).stdout).toMatch(
      /fold .*\n.*codec .*\n.*merge .*\n.*store .*\n.*serve .*\n.*start /,
    );
    expect((await bench("fold", "--help")).stdout).toContain("--input <file>");
    for (const args of [
      ["speed"],
      ["fold", "--batch", "0"],
      ["fold", "--keys", "10,x"],
      ["codec", "--keys", "1"],
    ]) {
      expect((await bench(...args)).code, args.join(" ")).toBe(2);
    }
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFeed } from "./load/feed.ts";
import { createPayments } from "./load/payments.ts";
import { type Pipeline, startPipeline } from "./pipeline/start-pipeline.ts";
import { recount } from "./proof/recount.ts";
import { verify } from "./proof/verify.ts";
import { soak } from "./soak.ts";

/** So generous that only what never comes back is caught: other tests run beside this one. `npm run soak` has the bounds that count. */
const LAG_BOUNDS = { p99Ms: 240_000, mostMs: 240_000 };

const KEYS = 2_000;

describe("a short soak", () => {
  it("folds a load that it chooses itself, every value exact", {
    timeout: 600_000,
    // Its rate follows the machine's, and that may change while it runs.
    retry: 1,
  }, async () => {
    const told: string[] = [];
    const result = await soak({
      judgedMs: 10_000,
      fillMs: 2_000,
      keys: KEYS,
      seed: 7,
      sampleEveryMs: 4_000,
      lagBounds: LAG_BOUNDS,
      stop: new AbortController().signal,
      tell: (line) => told.push(line),
    });
    expect(result.faults).toEqual([]);
    expect(result.differences).toBe(0);
    expect(result.valuesCompared).toBeGreaterThan(KEYS * 11);
    expect(result.recordsPut).toBeGreaterThan(KEYS);
    expect(result.samples.length).toBeGreaterThan(0);
    for (const { rssBytes, heapBytes, externalBytes, tableBytes } of result.samples) {
      expect(heapBytes + externalBytes).toBeLessThan(rssBytes * 1.5);
      expect(tableBytes).toBeLessThan(heapBytes + externalBytes);
    }
  });
});

describe("the proof at the end", () => {
  let pipeline: Pipeline;
  let folder: string;
  let file: string;
  let momentMs: number;
  const keys = 30;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "freshet-proof-"));
    file = join(folder, "put.csv");
    pipeline = await startPipeline({ folder: join(folder, "set-aside") });
    const feed = openFeed({ endpoint: pipeline.kinesis, streamName: pipeline.streamName, file });
    const payments = createPayments({ seed: 3, keys });
    await feed.put(payments.first(keys, Date.now()));
    await feed.put(payments.next(4_000, Date.now()));
    await feed.close();
    momentMs = await pipeline.settle();
  });
  afterAll(async () => {
    pipeline.kill();
    await rm(folder, { recursive: true, maxRetries: 5 });
  });
  const verdictOf = async (put: string) =>
    verify({
      url: pipeline.url,
      keys,
      momentMs,
      counts: await pipeline.counts(),
      recount: await recount(put, momentMs),
    });

  it("finds nothing where all is right, of every kind of record", async () => {
    expect((await verdictOf(file)).differences).toEqual([]);
    const { fates } = await recount(file, momentMs);
    expect(Object.keys(fates).sort()).toEqual(["counts", "future", "garbled", "late", "repeat"]);
  });

  it.each([
    ["one record is missing", (lines: string[]) => lines.filter((_, index) => index !== 17)],
    ["one record was folded twice", (lines: string[]) => [...lines, lines[17]!.replace(/,p\d+,/, ",again,")]],
    ["a late record was folded", (lines: string[]) => lines.map((line) => line.replace(/^late,/, "counts,"))],
    [
      "a repeat was folded",
      (lines: string[]) => lines.map((line) => line.replace(/^repeat,p/, "counts,again")),
    ],
  ])("finds where %s", async (_, change) => {
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    const other = join(folder, "other.csv");
    await writeFile(other, `${change(lines).join("\n")}\n`);
    expect((await verdictOf(other)).differences.length).toBeGreaterThan(0);
  });
});

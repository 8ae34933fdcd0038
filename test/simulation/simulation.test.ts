import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Coverage } from "./coverage.ts";
import { faultNames } from "./faults/registry.ts";
import { mutants } from "./mutants/mutant.ts";
import { MOST_SEEDS } from "./mutants/run-mutants.ts";
import { createRandom } from "./random.ts";
import { parseSchedule, scheduleText } from "./schedule-text.ts";
import { Scheduler, Stuck } from "./scheduler.ts";
import { simulate } from "./simulate.ts";
import { planWorld } from "./world/world-plan.ts";

describe("simulated worlds", () => {
  it.each([1, 2, 3, 4])("seed %i ends as one pass over its records", async (seed) => {
    const { violations, answers, records } = await simulate({ seed });
    expect(violations).toEqual([]);
    expect(answers).toBeGreaterThan(50);
    expect(records).toBeGreaterThanOrEqual(300);
  });

  it("go the same way whenever they are run", async () => {
    const traces = new Set<string>();
    for (let run = 0; run < 2; run++) traces.add((await simulate({ seed: 9 })).traceHash);
    expect(traces.size).toBe(1);
    expect((await simulate({ seed: 10 })).traceHash).not.toBe([...traces][0]);
  });

  it("are as large as they must be, each with five kinds of fault at least", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { shards, rates, records } = planWorld(seed);
      expect(shards).toBeGreaterThanOrEqual(3);
      expect(Object.keys(rates).length).toBeGreaterThanOrEqual(5);
      expect(records.length).toBeGreaterThanOrEqual(300);
      expect(new Set(records.map(({ partitionKey }) => partitionKey)).size).toBeGreaterThanOrEqual(20);
    }
  });

  it("have the faults that are asked for alone", async () => {
    const { faults, violations } = await simulate({ seed: 11, only: ["crash", "split"] });
    expect(violations).toEqual([]);
    expect(faults.crash).toBeGreaterThan(0);
    for (const name of Object.keys(faults)) expect(["crash", "split"]).toContain(name);
  });

  it("leave out what their schedule does", async () => {
    const schedule = parseSchedule('{"records":"3-7,12","firings":[],"steady":true,"unread":true}');
    const { records, fired, violations } = await simulate({ seed: 12, only: ["crash"], schedule });
    expect({ records, fired, violations }).toMatchObject({ fired: [], violations: [] });
    expect(parseSchedule(scheduleText(schedule))).toEqual(schedule);
    expect(records).toBeLessThan(100);
  });
});

describe("the scheduler", () => {
  it("runs what is pending by its time, then by who asked first, and lets promises go on between", async () => {
    const scheduler = new Scheduler(0);
    const seen: string[] = [];
    scheduler.at(20, "late", () => seen.push("late"));
    scheduler.at(10, "first", () => {
      seen.push("first");
      void Promise.resolve()
        .then(() => {})
        .then(() => seen.push("its promise"));
    });
    scheduler.at(10, "second", () => seen.push("second"));
    scheduler.at(15, "cancelled", () => seen.push("cancelled")).cancel();
    await scheduler.runUntil(() => seen.length === 4, { steps: 10, untilMs: 100 });
    expect(seen).toEqual(["first", "its promise", "second", "late"]);
    expect(scheduler.now()).toBe(20);
  });

  it("says when a world does not end", async () => {
    const empty = new Scheduler(0);
    await expect(empty.runUntil(() => false, { steps: 10, untilMs: 100 })).rejects.toThrow(Stuck);
    const endless = new Scheduler(0);
    const again = () => void endless.after(1, "again", again);
    again();
    await expect(endless.runUntil(() => false, { steps: 10, untilMs: 100 })).rejects.toThrow("10 steps");
  });

  it("ends a sleep at its abort", async () => {
    const scheduler = new Scheduler(0);
    const stopping = new AbortController();
    let woken = false;
    void scheduler.sleep(1_000, stopping.signal).then(() => {
      woken = true;
    });
    scheduler.at(5, "stop", () => stopping.abort());
    await scheduler.runUntil(() => woken, { steps: 10, untilMs: 2_000 });
    expect(scheduler.now()).toBe(5);
  });
});

describe("chance", () => {
  it("is the seed's and the path's", () => {
    const draw = (seed: number, ...path: string[]) => createRandom(seed, ...path).next();
    expect(draw(1, "a")).toBe(draw(1, "a"));
    expect(new Set([draw(1, "a"), draw(2, "a"), draw(1, "b"), draw(1, "a", "b")]).size).toBe(4);
    const random = createRandom(7, "uniform");
    const mean =
      Array.from({ length: 10_000 }, () => random.next()).reduce((sum, each) => sum + each) / 10_000;
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
  });
});

describe("coverage", () => {
  it("asks of 500 worlds that every fault fired in 2 % of them and a crash hit every await", () => {
    const coverage = new Coverage();
    const world = { faults: { crash: 3 }, crashSites: {}, records: 300, answers: 1, steps: 1 };
    for (let i = 0; i < 499; i++) coverage.add(world);
    expect(coverage.lacks).toEqual([]);
    coverage.add(world);
    expect(coverage.lacks).toContain("no crash hit write-item/before.");
    const unfired = coverage.lacks.filter((lack) => lack.startsWith("fault "));
    expect(unfired).toHaveLength(faultNames.length - 1);
  });
});

describe("mutants", () => {
  const folder = new URL("./mutants/", import.meta.url);

  it.each(mutants)("$name is a patch of lib", async ({ name }) => {
    const patch = await readFile(fileURLToPath(new URL(`${name}.patch`, folder)), "utf8");
    const paths = [...patch.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, path]) => path);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) expect(path).toMatch(/^lib\//);
  });

  it("were caught, those that were run", async () => {
    const text = await readFile(fileURLToPath(new URL("results.json", folder)), "utf8");
    const results = JSON.parse(text) as { readonly name: string; readonly caughtBy: number | null }[];
    expect(results.length).toBeGreaterThanOrEqual(8);
    for (const { name, caughtBy } of results) {
      expect(mutants.map((mutant) => mutant.name)).toContain(name);
      expect(caughtBy ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(MOST_SEEDS);
    }
  });
});

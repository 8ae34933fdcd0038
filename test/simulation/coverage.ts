import { faultNames } from "./faults/registry.ts";
import type { WorldResult } from "./simulate.ts";

/** Awaits of the write path, each of which a crash must have hit before and after its call is carried out. */
export const CRASH_SITES: readonly string[] = [
  "describe-stream",
  "list-shards",
  "read-control",
  "write-control",
  "read-progress",
  "read-released-views",
  "write-released-views",
  "read-start",
  "write-start",
  "read-items",
  "read-item-again",
  "write-late-entries",
  "write-quarantine-entries",
  "write-item",
  "write-progress",
].flatMap((site) => [`${site}/before`, `${site}/after`]);

/** A wait between two attempts goes nowhere: a crash is after it. */
export const WAIT_SITE = "back-off/after";

/** From so many worlds on every fault must have fired often enough. */
const ENOUGH_WORLDS = 500;
const LEAST_SHARE = 0.02;

/** What many worlds went through. */
export class Coverage {
  worlds = 0;
  /** By fault: in how many worlds it fired, and how often in all. */
  readonly faults = new Map<string, { worlds: number; times: number }>(
    faultNames.map((name) => [name, { worlds: 0, times: 0 }]),
  );
  readonly crashes = new Map<string, number>();
  records = 0;
  answers = 0;
  steps = 0;

  add(result: Pick<WorldResult, "faults" | "crashSites" | "records" | "answers" | "steps">): void {
    this.worlds++;
    this.records += result.records;
    this.answers += result.answers;
    this.steps += result.steps;
    for (const [name, times] of Object.entries(result.faults)) {
      const fault = this.faults.get(name)!;
      fault.worlds++;
      fault.times += times;
    }
    for (const [site, times] of Object.entries(result.crashSites)) {
      this.crashes.set(site, (this.crashes.get(site) ?? 0) + times);
    }
  }

  /** What a run of this many worlds should have met, and has not; nothing while there are too few. */
  get lacks(): readonly string[] {
    if (this.worlds < ENOUGH_WORLDS) return [];
    const lacks: string[] = [];
    for (const [name, { worlds }] of this.faults) {
      const share = worlds / this.worlds;
      if (share < LEAST_SHARE) {
        lacks.push(
          `fault ${name} fired in ${(100 * share).toFixed(1)} % of the worlds; it must in ${100 * LEAST_SHARE} %.`,
        );
      }
    }
    for (const site of [...CRASH_SITES, WAIT_SITE]) {
      if (!this.crashes.has(site)) lacks.push(`no crash hit ${site}.`);
    }
    return lacks;
  }
}

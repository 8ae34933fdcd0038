import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { foldNodeOptions } from "../../lib/bundle/node-options.ts";

describe("Node's options for a function that folds", () => {
  it("leave small functions V8's own room, and take a thirty-second part of others' memory, up to 64 MB", () => {
    const optionsOf = (memoryMegabytes: number) => foldNodeOptions({ memoryMegabytes });
    expect([128, 512, 1_024, 1_500, 2_048, 10_240].map(optionsOf)).toEqual(
      [16, 16, 32, 46, 64, 64].map((size) => `--max-semi-space-size=${size}`),
    );
  });

  it("are those that the replay and the benchmarks run with, at a function's default memory", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    for (const name of ["start", "bench"])
      expect(scripts[name]).toContain(` ${foldNodeOptions({ memoryMegabytes: 1_024 })} `);
  });
});

import { describe, expect, it } from "vitest";
import { judgeLag } from "./lag-verdict.ts";

const readings = (lags: readonly (number | null)[]) =>
  lags.map((lagMs, index) => ({ atMs: index * 1_000, phase: "judged" as const, lagMs }));
const of = (count: number, lagMs: number) => Array.from({ length: count }, () => lagMs);

describe("lag over a run", () => {
  it("is bounded while readings stay below the bounds, one in a hundred of them by the wider one", () => {
    const verdict = judgeLag(readings([...of(199, 3_000), 20_000]));
    expect(verdict).toEqual({ p50Ms: 3_000, p99Ms: 3_000, mostMs: 20_000, readings: 200, faults: [] });
  });

  it("is not bounded when it is usually long, once too long, once unknown, or never read", () => {
    expect(judgeLag(readings([...of(95, 3_000), ...of(5, 12_000)])).faults).toHaveLength(1);
    expect(judgeLag(readings([...of(199, 3_000), 31_000])).faults).toEqual([
      "lag came to 31000 ms; 30000 ms is allowed.",
    ]);
    expect(judgeLag(readings([...of(199, 3_000), null])).faults).toContain(
      "lag was unknown in 1 of 200 readings.",
    );
    expect(judgeLag([]).faults).toContain("lag was never read.");
  });
});

import { describe, expect, it } from "vitest";
import { judgeMemory } from "./memory-verdict.ts";
import type { Sample } from "./sample.ts";

const MIB = 1_048_576;

/** Samples of a process of 500 MiB, 300 of them live, that grows as it is told, in MiB. */
function samplesOf(
  growth: {
    readonly resident?: number;
    readonly heap?: number;
    readonly outside?: number;
    readonly table?: number;
  },
  count = 30,
): readonly Sample[] {
  const { resident = 0, heap = 0, outside = 0, table = 0 } = growth;
  return Array.from({ length: count }, (_, index) => {
    const part = index / (count - 1);
    const noise = index % 2 === 0 ? 0 : 10;
    return {
      atMs: index * 15_000,
      phase: "judged",
      rssBytes: (500 + noise + resident * part) * MIB,
      heapBytes: (200 + heap * part) * MIB,
      externalBytes: (100 + outside * part) * MIB,
      tableEntries: 1_000,
      tableBytes: (50 + table * part) * MIB,
      streamEntries: 1_000,
      streamBytes: MIB,
      cpuMs: index * 10_000,
      perSecond: 500,
      mostLagMs: 1_000,
    };
  });
}

describe("memory over a run", () => {
  it("is flat when it goes up and down around one level", () => {
    expect(judgeMemory(samplesOf({}))).toMatchObject({ liveGrowthBytes: 0, faults: [] });
  });

  it("is not flat when objects pile up", () => {
    expect(judgeMemory(samplesOf({ heap: 60 }))!.faults).toEqual([
      "live memory grew by 41.4 MiB between the first and the last third; 31.5 MiB is allowed.",
    ]);
  });

  it("is not flat when buffers pile up outside the heap", () => {
    expect(judgeMemory(samplesOf({ outside: 60 }))!.faults).toHaveLength(1);
  });

  it("is flat when it grows by what the servers hold, and by no more", () => {
    expect(judgeMemory(samplesOf({ outside: 60, table: 60 }))!.faults).toEqual([]);
    expect(judgeMemory(samplesOf({ outside: 120, table: 60 }))!.faults).toHaveLength(1);
  });

  it("is not flat when the process takes more and more of the machine", () => {
    expect(judgeMemory(samplesOf({ resident: 200 }))!.faults).toEqual([
      expect.stringMatching(/^resident memory grew by 1[23]\d\.\d MiB .* 11\d\.\d MiB is allowed\.$/),
    ]);
  });

  it("is not judged by few samples", () => {
    expect(judgeMemory(samplesOf({ heap: 1_000 }, 5))).toBeNull();
  });
});

import { expect, it } from "vitest";
import { createTrimmer } from "../../lib/local/trim-handled.ts";

function trimmer(keepRecords: number, trim = async (_through: string) => {}) {
  const trimmed: [string, string][] = [];
  const failures: unknown[] = [];
  const handled = createTrimmer({
    server: {
      trim: async ({ shardId, throughSequenceNumber }) => {
        trimmed.push([shardId, throughSequenceNumber]);
        await trim(throughSequenceNumber);
      },
    },
    streamName: "orders",
    keepRecords,
    onFailure: (error) => failures.push(error),
  });
  return { handled, trimmed, failures };
}

it("keeps at least as many handled records a shard as asked for, and at most a quarter and a batch more", () => {
  const { handled, trimmed } = trimmer(100);
  let kept = 0;
  for (let run = 1; run <= 200; run++) {
    const before = trimmed.length;
    handled({ shardId: "a", sequenceNumber: String(run), count: 7 });
    kept += 7;
    if (trimmed.length > before) kept = (run - Number(trimmed.at(-1)![1])) * 7;
    if (run > 20) expect(kept).toBeGreaterThanOrEqual(100);
    expect(kept).toBeLessThan(125 + 7);
  }
  expect(trimmed.length).toBeGreaterThan(20);
});

it("counts each shard for itself", () => {
  const { handled, trimmed } = trimmer(10);
  for (let run = 1; run <= 3; run++) {
    handled({ shardId: "a", sequenceNumber: `a${run}`, count: 6 });
    if (run < 3) handled({ shardId: "b", sequenceNumber: `b${run}`, count: 6 });
  }
  expect(trimmed).toEqual([["a", "a1"]]);
});

it("keeps nothing when asked to keep nothing", () => {
  const { handled, trimmed } = trimmer(0);
  handled({ shardId: "a", sequenceNumber: "1", count: 1 });
  expect(trimmed).toEqual([["a", "1"]]);
});

it("tells of a trim that failed", async () => {
  const { handled, failures } = trimmer(0, async () => {
    throw new Error("store closed");
  });
  handled({ shardId: "a", sequenceNumber: "1", count: 1 });
  await expect
    .poll(() => failures)
    .toMatchObject([{ code: "STREAM_UNAVAILABLE", cause: { message: "store closed" } }]);
});

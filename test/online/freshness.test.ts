import { describe, expect, it } from "vitest";
import type { ControlShard } from "../../lib/online/control.ts";
import { combineProgress, currentShards, judgeFreshness } from "../../lib/online/freshness.ts";
import { NOTHING_FOLDED, type ShardProgress } from "../../lib/online/progress.ts";
import { cardPlan } from "./fixtures/payments.ts";

function shard(writer: string, open: boolean, parents: readonly string[] = []): ControlShard {
  const hashRange = { start: "0".repeat(32), end: "f".repeat(32) };
  return { writer, open, parents, hashRange, closedMs: open ? null : 1 };
}

/** Progress by writer: `[sinceMs, arrivalMs]`, and whether records of it were lost, or the view returned in it. */
function combine(
  shards: readonly ControlShard[],
  progress: Record<string, readonly [number, number, boolean?, boolean?]>,
) {
  return combineProgress(shards, (writer) => {
    const entry = progress[writer];
    if (entry === undefined) return undefined;
    return {
      sinceMs: entry[0],
      arrivalMs: entry[1],
      unknown: entry[2] ?? false,
      returned: entry[3] ?? false,
    } as ShardProgress;
  });
}

describe("progress over shards (R11)", () => {
  it("is the worst open shard's", () => {
    const shards = [shard("a", true), shard("b", true)];
    expect(combine(shards, { a: [10, 50], b: [20, 40] })).toEqual({ sinceMs: 20, arrivalMs: 40 });
  });

  it("is not known while an open shard without parents has none", () => {
    expect(combine([shard("a", true), shard("b", true)], { a: [10, 50] })).toBeNull();
    expect(combine([], {})).toBeNull();
  });

  it("counts a closed shard until all its children have progress", () => {
    const shards = [shard("p", false), shard("c1", true, ["p"]), shard("c2", true, ["p"])];
    expect(combine(shards, { p: [10, 50] })).toEqual({ sinceMs: 10, arrivalMs: 50 });
    expect(combine(shards, { p: [10, 50], c1: [60, 70] })).toEqual({ sinceMs: 10, arrivalMs: 50 });
    expect(combine(shards, { p: [10, 50], c1: [60, 70], c2: [61, 80] })).toEqual({
      sinceMs: 10,
      arrivalMs: 70,
    });
  });

  it("dates from a closed shard that the view returned in, not from what that came of", () => {
    const shards = [shard("g", false), shard("p", false, ["g"]), shard("c", true, ["p"])];
    expect(combine(shards, { g: [10, 50], p: [60, 70, false, true] })).toEqual({
      sinceMs: 60,
      arrivalMs: 70,
    });
    expect(combine(shards, { g: [10, 50], p: [60, 70, false, true], c: [80, 90] })).toEqual({
      sinceMs: 60,
      arrivalMs: 90,
    });
  });

  it("dates from a merged shard itself where a parent has no progress", () => {
    const shards = [shard("a", false), shard("b", false), shard("m", true, ["a", "b"])];
    expect(combine(shards, { a: [10, 50], m: [60, 70] })).toEqual({ sinceMs: 60, arrivalMs: 70 });
    expect(combine(shards, { a: [10, 50], b: [20, 50], m: [60, 70] })).toEqual({
      sinceMs: 20,
      arrivalMs: 70,
    });
  });

  it("has none of a shard that was marked before anything of it was folded, once the mark is off", () => {
    const marked = {
      sequenceNumber: NOTHING_FOLDED,
      sinceMs: 0,
      arrivalMs: 0,
      unknown: true,
    } as ShardProgress;
    const parent = { sequenceNumber: "9", sinceMs: 10, arrivalMs: 50, unknown: false } as ShardProgress;
    const shards = [shard("p", false), shard("c", true, ["p"])];
    const over = (child: ShardProgress, listed = shards) =>
      combineProgress(listed, (writer) => (writer === "p" ? parent : child));
    expect(over(marked)).toBeNull();
    expect(over({ ...marked, unknown: false })).toEqual({ sinceMs: 10, arrivalMs: 50 });
    expect(over({ ...marked, unknown: false }, [shard("c", true)])).toBeNull();
  });

  it("sees through a shard that was split again before it had a record", () => {
    const shards = [
      shard("p", false),
      shard("c", false, ["p"]),
      shard("g1", true, ["c"]),
      shard("g2", true, ["c"]),
    ];
    expect(combine(shards, { p: [10, 50], g1: [60, 70] })).toEqual({ sinceMs: 10, arrivalMs: 50 });
    expect(combine(shards, { p: [10, 50], g1: [60, 70], g2: [60, 75] })).toEqual({
      sinceMs: 10,
      arrivalMs: 70,
    });
    expect(combine(shards, { g1: [60, 70] })).toBeNull();
  });

  it("warms a merged shard since the later of its parents", () => {
    const shards = [shard("a", false), shard("b", false), shard("m", true, ["a", "b"])];
    expect(combine(shards, { a: [10, 50], b: [30, 40], m: [60, 70] })).toEqual({
      sinceMs: 30,
      arrivalMs: 70,
    });
  });

  it("warms anew where a parent left nothing behind", () => {
    const shards = [shard("a", false), shard("m", true, ["a", "no longer listed"])];
    expect(combine(shards, { m: [60, 70] })).toEqual({ sinceMs: 60, arrivalMs: 70 });
  });

  it("is unknown where records were lost, in the children of that shard too", () => {
    const shards = [shard("p", false), shard("c", true, ["p"]), shard("other", true)];
    expect(combine(shards, { p: [10, 50, true], c: [60, 70], other: [0, 80] })).toBeNull();
    expect(combine([shards[2]!], { p: [10, 50, true], c: [60, 70], other: [0, 80] })).toEqual({
      sinceMs: 0,
      arrivalMs: 80,
    });
  });

  it("stays quick where splits were merged again and again", () => {
    const shards: ControlShard[] = [shard("0a", false), shard("0b", false)];
    for (let n = 1; n <= 40; n++) {
      const parents = [`${n - 1}a`, `${n - 1}b`];
      shards.push(shard(`${n}a`, n === 40, parents), shard(`${n}b`, n === 40, parents));
    }
    expect(combine(shards, { "0a": [1, 2], "0b": [1, 3], "40a": [4, 9], "40b": [4, 8] })).toEqual({
      sinceMs: 1,
      arrivalMs: 8,
    });
  });

  it("leaves out shards of an earlier incarnation of the stream", () => {
    const old = shard("11111111/shardId-000000000000", false);
    const now = [shard("22222222/shardId-000000000000", false), shard("22222222/shardId-000000000001", true)];
    expect(currentShards({ arn: "arn", createdMs: 1, shards: [old, ...now] })).toEqual(now);
  });
});

describe("status against the SLA (R11)", () => {
  const hour = 3_600_000;
  const judge = (sinceMs: number, arrivalMs: number, asOfMs: number, consistent = true) =>
    judgeFreshness(cardPlan, { sinceMs, arrivalMs }, { asOfMs, consistent });

  it("is fresh up to the SLA and stale beyond it", () => {
    const now = 10 * hour;
    expect(judge(0, now - 60_000, now)).toEqual({ lagMs: 60_000, status: "fresh", warming: false });
    expect(judge(0, now - 60_001, now)).toEqual({ lagMs: 60_001, status: "stale", warming: false });
  });

  it("adds the declared clock skew", () => {
    const source = { ...cardPlan.view.source, clockSkewMs: 5_000 };
    const plan = { ...cardPlan, view: { ...cardPlan.view, source } };
    const progress = { sinceMs: 0, arrivalMs: 10 * hour };
    const at = { asOfMs: 10 * hour + 55_001, consistent: true };
    expect(judgeFreshness(plan, progress, at)).toMatchObject({ lagMs: 60_001, status: "stale" });
  });

  it("is warming until the longest window, its hop and the skew ahead have passed, and stale before that", () => {
    const warmMs = hour + hour + 300_000 + 300_000;
    expect(judge(hour, warmMs - 1, warmMs - 1)).toEqual({ lagMs: 0, status: "warming", warming: true });
    expect(judge(hour, warmMs, warmMs)).toEqual({ lagMs: 0, status: "fresh", warming: false });
    expect(judge(hour, hour + 1, hour + 70_000)).toMatchObject({ status: "stale", warming: true });
  });

  it("never calls an eventual read fresh", () => {
    expect(judge(0, 10 * hour, 10 * hour, false)).toEqual({ lagMs: null, status: "unknown", warming: false });
    expect(judge(0, 8 * hour, 10 * hour, false)).toMatchObject({ lagMs: 2 * hour, status: "stale" });
  });

  it("is unknown without progress", () => {
    expect(judgeFreshness(cardPlan, null, { asOfMs: 1, consistent: true })).toEqual({
      lagMs: null,
      status: "unknown",
      warming: null,
    });
  });
});

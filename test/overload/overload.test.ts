import { expect, it } from "vitest";
import { overload } from "./overload.ts";

it("says that it is stale, answers or says when to try again, loses nothing and catches up", {
  timeout: 600_000,
  // Twice what is folded is measured on a machine that other tests share, and may be less a moment later.
  retry: 2,
}, async () => {
  const result = await overload({
    keys: 300,
    seed: 11,
    findMs: 8_000,
    overloadMs: 6_000,
    floodRequests: 400,
    stop: new AbortController().signal,
    tell: () => {},
  });
  expect(result.faults).toEqual([]);
  expect(result.differences).toBe(0);
  expect(result.putPerSecond).toBeGreaterThan(result.heldPerSecond);
  expect(result.staleReadings).toBeGreaterThan(0);
  expect(result.staleSnapshots).toBeGreaterThan(0);
  expect(result.mostLagMs).toBeGreaterThan(3_000);
  expect(result.answersChecked).toBeGreaterThan(3);
  // Whether some must be refused is a matter of speed here; test/serve/limits.test.ts fills the queue for certain.
  expect(Object.values(result.flood).reduce((sum, count) => sum + count, 0)).toBe(400);
});

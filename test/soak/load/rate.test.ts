import { describe, expect, it } from "vitest";
import { createRateControl } from "./rate.ts";

/** Runs a pipeline that handles at most `capacityOf(second)` records a second; answers what each second showed. */
function simulate(capacityOf: (second: number) => number, seconds: number) {
  const control = createRateControl({ perSecond: 200, targetWaitMs: 3_000 });
  let asked = 200;
  let waiting = 0;
  return Array.from({ length: seconds }, (_, second) => {
    waiting += asked;
    const handledPerSecond = Math.min(waiting, capacityOf(second));
    waiting -= handledPerSecond;
    asked = control.next({ handledPerSecond, waiting });
    return { handledPerSecond, waitMs: (1_000 * waiting) / capacityOf(second) };
  });
}

describe("the rate that a pipeline holds", () => {
  it.each([50, 400, 5_000])(
    "is found where it is %i records a second, with the queue as asked for",
    (capacity) => {
      for (const { handledPerSecond, waitMs } of simulate(() => capacity, 120).slice(60)) {
        expect(handledPerSecond).toBe(capacity);
        expect(waitMs).toBeGreaterThan(1_000);
        expect(waitMs).toBeLessThan(5_000);
      }
    },
  );

  it("is found again when the machine becomes slower, without a queue that goes on growing", () => {
    const seen = simulate((second) => (second < 60 ? 1_000 : 300), 180);
    expect(Math.max(...seen.map(({ waitMs }) => waitMs))).toBeLessThan(20_000);
    for (const { waitMs } of seen.slice(120)) expect(waitMs).toBeLessThan(5_000);
  });
});

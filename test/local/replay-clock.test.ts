import { expect, it } from "vitest";
import { createReplayClock } from "../../lib/local/replay-clock.ts";

it("stands still until it is set, and never runs backwards", () => {
  const clock = createReplayClock(1_000);
  expect(clock.now()).toBe(1_000);
  clock.set(1_000);
  clock.set(5_000);
  expect(clock.now()).toBe(5_000);
  expect(() => clock.set(4_999)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  expect(clock.now()).toBe(5_000);
});

it.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY])("refuses %d as a time", (time) => {
  expect(() => createReplayClock(time)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  expect(() => createReplayClock(0).set(time)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
});

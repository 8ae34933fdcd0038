import { describe, expect, it } from "vitest";
import { amount, clockSpeed, count, duration } from "../../../lib/local/dashboard/client/format.ts";

describe("what the page writes", () => {
  it.each([
    [null, "–"],
    [0, "0 ms"],
    [0.84, "0.8 ms"],
    [9.96, "10 ms"],
    [42.4, "42 ms"],
    [999.4, "999 ms"],
    [1_000, "1 s"],
    [4_230, "4.2 s"],
    [59_960, "1m"],
    [60_000, "1m"],
    [200_000, "3m 20s"],
    [999.7, "1 s"],
    [3_599_400, "59m 59s"],
    [3_599_999, "1h"],
    [86_399_999, "1d"],
    [7_500_000, "2h 5m"],
    [356_400_000, "4d 3h"],
  ])("duration %s is %s", (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [0, "0"],
    [999, "999"],
    [1_234_567, "1\u2009234\u2009567"],
  ])("count %s is %s", (value, text) => expect(count(value)).toBe(text));

  it.each([
    [null, "–"],
    [0.126, "0.13"],
    [12.34, "12.3"],
    [-12.34, "-12.3"],
    [-1_234.5, "-1\u2009235"],
    [1_234.5, "1\u2009235"],
  ])("amount %s is %s", (value, text) => expect(amount(value)).toBe(text));

  it.each([
    [null, 0, ""],
    [1.01, 50, "real time"],
    [1, 86_400_000, "replay, 1 × real time"],
    [1_234.5, 86_400_000, "replay, 1\u2009235 × real time"],
    [0, 86_400_000, "replay, standing still"],
  ])("a clock at %s, %s ms behind, is %s", (speed, behindMs, text) =>
    expect(clockSpeed(speed, behindMs)).toBe(text),
  );
});

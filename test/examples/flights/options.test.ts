import { describe, expect, test } from "vitest";
import { parseOptions } from "../../../examples/flights/options.ts";

const silent = (): void => {};
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);

function refusal(...argv: string[]): string {
  let written = "";
  expect(() => parseOptions(argv, (text) => (written += text))).toThrow();
  return written;
}

describe("the options", () => {
  test("replay a week with --once and to the end without it", () => {
    expect(parseOptions(["--once"], silent)).toMatchObject({
      once: true,
      range: { fromMs: day("2001-05-07"), endMs: day("2001-05-14") },
      shards: 2,
    });
    expect(parseOptions([], silent)).toMatchObject({
      once: false,
      range: { fromMs: day("2001-05-07"), endMs: day("2001-07-02") },
    });
  });

  test("take any days of the file", () => {
    expect(parseOptions(["--once", "--from", "2001-02-05", "--days", "3"], silent).range).toEqual({
      fromMs: day("2001-02-05"),
      endMs: day("2001-02-08"),
    });
    expect(parseOptions(["--once", "--from", "2001-06-30"], silent).range.endMs).toBe(day("2001-07-02"));
  });

  test("put faults in the way by a seed, the same unless one is named", () => {
    expect(parseOptions(["--once"], silent).faultSeed).toBeNull();
    expect(parseOptions(["--once", "--faults"], silent).faultSeed).toBe(1);
    expect(parseOptions(["--faults", "--seed", "42"], silent).faultSeed).toBe(42);
  });

  test.each([
    [["--seed", "42"], "--seed needs --faults"],
    [["--faults", "--seed", "x"], "whole number from 0"],
    [["--from", "2001-02-30"], "It is not a day"],
    [["--from", "05/07/2001"], "It is not a day"],
    [["--from", "2000-12-31"], "The file has 2001-01-01 to 2001-07-01"],
    [["--from", "2001-07-02"], "The file has 2001-01-01 to 2001-07-01"],
    [["--from", "2001-06-30", "--days", "3"], "at most 2 is allowed"],
    [["--days", "0"], "whole number from 1"],
    [["--days", "1.5"], "whole number from 1"],
    [["--shards", "17"], "whole number from 1 to 16"],
    [["--port", "65536"], "whole number from 0 to 65535"],
    [["--onse"], "unknown option"],
    [["week"], "too many arguments"],
  ])("refuse %j", (argv, message) => {
    expect(refusal(...argv)).toContain(message);
  });
});

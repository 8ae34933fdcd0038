import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultSlidingHopMs, STANDARD_HOPS_MS, tumblingTileMs } from "../../lib/define/window.ts";
import { formatDuration, parseDuration } from "../../lib/index.ts";

describe("durations", () => {
  test.each([
    ["1s", 1_000],
    ["90m", 5_400_000],
    ["24h", 86_400_000],
    ["1d", 86_400_000],
    ["7d", 604_800_000],
  ] as const)("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "5",
    "m",
    "5 min",
    "5 m",
    "5M",
    "0s",
    "-5m",
    "1.5h",
    "1h30m",
    "05m",
    "1e3s",
    "99999999999s",
  ])("%j is none", (text) => {
    expect(() => parseDuration(text as "5m", 'view "card"')).toThrow(
      /^view "card": .* is not a duration; write a positive whole number/,
    );
  });

  test("are written as they are read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom("s", "m", "h", "d"), (count, unit) => {
        const ms = parseDuration(`${BigInt(count)}${unit as "s"}`);
        expect(parseDuration(formatDuration(ms) as "5m")).toBe(ms);
      }),
    );
  });
});

describe("default hops", () => {
  const widths = fc.integer({ min: 1, max: 90 * 86_400 }).map((seconds) => seconds * 1_000);

  test("form a chain that divides 1d", () => {
    for (const [index, hop] of STANDARD_HOPS_MS.entries()) {
      expect(86_400_000 % hop).toBe(0);
      if (index > 0) expect(STANDARD_HOPS_MS[index - 1]! % hop).toBe(0);
    }
  });

  test("of a sliding window are the longest that is at most a twelfth of it, at least 1s", () => {
    fc.assert(
      fc.property(widths, (width) => {
        const hop = defaultSlidingHopMs(width);
        expect(STANDARD_HOPS_MS).toContain(hop);
        if (width >= 12_000) expect(hop * 12).toBeLessThanOrEqual(width);
        for (const longer of STANDARD_HOPS_MS) if (longer > hop) expect(longer * 12).toBeGreaterThan(width);
      }),
    );
  });

  test("of a tumbling window are the longest that divides it", () => {
    fc.assert(
      fc.property(widths, (width) => {
        const hop = tumblingTileMs(width);
        expect(width % hop).toBe(0);
        for (const longer of STANDARD_HOPS_MS) if (longer > hop) expect(width % longer).not.toBe(0);
      }),
    );
  });
});

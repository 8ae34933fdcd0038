import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  policyApplied,
  retryAfterSeconds,
  slaViolation,
  violationHeader,
} from "../../lib/serve/freshness-policy.ts";

const SLA = 60_000;

describe("slaViolation", () => {
  it.each([
    ["fresh", 0, null],
    ["fresh", SLA, null],
    ["warming", SLA, null],
    ["fresh", SLA + 1, "stale"],
    ["warming", SLA + 1, "stale"],
    ["stale", SLA + 1, "stale"],
    ["stale", 0, "stale"],
    ["unknown", 0, "unknown"],
    ["fresh", null, "unknown"],
    ["warming", null, "unknown"],
    ["stale", null, "unknown"],
  ] as const)("of %s with a lag of %s is %s", (status, lagMs, violation) => {
    expect(slaViolation({ status, lagMs, slaMs: SLA })).toBe(violation);
  });
});

describe("policyApplied", () => {
  it("is the policy only where the SLA is violated", () => {
    expect(policyApplied({ status: "fresh", lagMs: 1, slaMs: SLA }, "reject")).toBe("serve");
    expect(policyApplied({ status: "stale", lagMs: SLA + 1, slaMs: SLA }, "reject")).toBe("reject");
  });
});

describe("violationHeader", () => {
  it("names each violated alias once", () => {
    const stale = { status: "stale", lagMs: SLA + 1, slaMs: SLA } as const;
    const fresh = { status: "fresh", lagMs: 1, slaMs: SLA } as const;
    expect(violationHeader([{ alias: "a", ...fresh }])).toBeNull();
    expect(
      violationHeader([
        { alias: "a", ...stale },
        { alias: "b", ...fresh },
        { alias: "a", ...stale },
        { alias: "c", ...stale, lagMs: null },
      ]),
    ).toBe("a=stale, c=unknown");
  });
});

describe("retryAfterSeconds", () => {
  const lagging = (lagMs: number | null) => ({ status: "stale", lagMs, slaMs: SLA }) as const;

  it("is the worst excess in whole seconds, rounded up", () => {
    expect(retryAfterSeconds([lagging(SLA + 2_001), lagging(SLA + 100), lagging(0)])).toBe(3);
  });

  it("is a minute where a lag is unknown", () => {
    expect(retryAfterSeconds([lagging(null), lagging(SLA + 1)])).toBe(60);
  });

  it("is a whole number from 1 to 60 for any lags", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat({ max: 10 ** 10 }))), (lags) => {
        const seconds = retryAfterSeconds(lags.map(lagging));
        expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60).toBe(true);
      }),
    );
  });
});

import { quote, refuse } from "./refuse.ts";

/** A length of time as users write it: a whole number and a unit, without a space: `"30s"`, `"5m"`, `"24h"`, `"7d"`. */
export type Duration = `${bigint}${"s" | "m" | "h" | "d"}`;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds of a duration.
 *
 * @throws FreshetError `DEFINITION_INVALID` when the text is not a positive whole number and a unit.
 * @example
 * ```ts
 * parseDuration("5m"); // 300000
 * ```
 */
export function parseDuration(text: Duration, where = "a duration"): number {
  const match = typeof text === "string" ? /^([1-9]\d{0,8})([smhd])$/.exec(text) : null;
  if (match === null) {
    refuse(
      where,
      `${quote(text)} is not a duration; write a positive whole number and one of s, m, h, d, such as "30s" or "24h".`,
    );
  }
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** The shortest text for a number of milliseconds, `"24h"` for 86,400,000 only when whole days are not asked for. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    const length = UNIT_MS[unit];
    if (ms >= length && ms % length === 0 && !(unit === "d" && ms === length)) return `${ms / length}${unit}`;
  }
  return `${ms}ms`;
}

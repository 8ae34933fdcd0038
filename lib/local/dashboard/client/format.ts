const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `0.8 ms`, `42 ms`, `4.2 s`, `3m 20s`, `2h 5m`, `4d 3h`; a dash for what is not known. */
export function duration(ms: number | null): string {
  if (ms === null) return "–";
  if (ms < 10) return `${trimmed(ms, 1)} ms`;
  // Each limit is where rounding would reach the next unit.
  if (ms < SECOND_MS - 0.5) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS - 50) return `${trimmed(ms / SECOND_MS, 1)} s`;
  if (ms < HOUR_MS - SECOND_MS / 2) return twoParts(ms, [MINUTE_MS, "m"], [SECOND_MS, "s"]);
  if (ms < DAY_MS - MINUTE_MS / 2) return twoParts(ms, [HOUR_MS, "h"], [MINUTE_MS, "m"]);
  return twoParts(ms, [DAY_MS, "d"], [HOUR_MS, "h"]);
}

type Unit = readonly [ms: number, letter: string];

function twoParts(ms: number, [largeMs, large]: Unit, [smallMs, small]: Unit): string {
  const smalls = Math.round(ms / smallMs);
  const perLarge = largeMs / smallMs;
  const rest = smalls % perLarge;
  return `${Math.floor(smalls / perLarge)}${large}${rest === 0 ? "" : ` ${rest}${small}`}`;
}

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** `1 234 567`, in thin spaces, which no language reads as a decimal point. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

/** A rate or measure: whole from 100 on, else two or three digits. */
export function amount(value: number | null): string {
  if (value === null) return "–";
  const size = Math.abs(value);
  if (size >= 100) return value < 0 ? `-${count(size)}` : count(size);
  return trimmed(value, size >= 10 ? 1 : 2);
}

/** `2001-02-05 07:44:00`, in UTC. */
export function dateTime(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace("T", " ");
}

/** `07:44`, in UTC. */
export function timeOfDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 16);
}

/** How the pipeline's clock runs against the machine's. */
export function clockSpeed(speed: number | null, behindMs: number): string {
  if (speed === null) return "";
  const isReplay = Math.abs(behindMs) > 10 * SECOND_MS;
  if (!isReplay && speed > 0.8 && speed < 1.2) return "real time";
  if (speed < 0.01) return "replay, standing still";
  return `replay, ${speed < 10 ? trimmed(speed, 1) : count(speed)} × real time`;
}

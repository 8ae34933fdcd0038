import { formatDuration } from "../../lib/define/duration.ts";
import type { Window } from "../../lib/define/window.ts";
import type { ColumnDescription } from "./description.ts";

/** An aggregation as a reader says it: `sum of amount where channel = "web"`. */
export function call(name: string, value: string | null, where: string | null): string {
  return `${name}${value === null ? "" : ` of ${value}`}${where === null ? "" : ` where ${where}`}`;
}

/** What a column keeps: `keyed/32/sum by merchant of amount`, and half-lives as users write them. */
export function columnText({ kind, value, where, by }: ColumnDescription): string {
  const readable = kind.replace(/(decayed\/\w+\/)(\d+)/g, (_, name, ms) => name + formatDuration(Number(ms)));
  return call(by === null ? readable : `${readable} by ${by}`, value, where);
}

/** A window and its tiles: `last 24h by 1h`. */
export function windowText(window: Window): string {
  if (window.kind === "lifetime") return "lifetime";
  if (window.kind === "session")
    return `session of gaps below ${formatDuration(window.gapMs)}, at most ${formatDuration(window.maxMs)}`;
  const width = formatDuration(window.widthMs);
  const hop = formatDuration(window.hopMs);
  if (window.kind === "sliding") return `last ${width} by ${hop}`;
  if (window.kind === "hopping")
    return `last closed ${width} every ${formatDuration(window.slideMs)} by ${hop}`;
  return `${window.which === "closed" ? "last closed" : "current"} ${width} by ${hop}`;
}

/** A length of time in up to all units: a day and five minutes are `24h5m`, two days and an hour `2d1h`. */
export function longDuration(ms: number): string {
  const DAY_MS = 86_400_000;
  const unitMs = [DAY_MS, 3_600_000, 60_000, 1_000].find((unit) => ms >= (unit === DAY_MS ? 2 * unit : unit));
  if (unitMs === undefined || ms % unitMs === 0) return formatDuration(ms);
  const rest = ms % unitMs;
  return `${formatDuration(ms - rest)}${longDuration(rest)}`;
}

/** Units of an entity of few events, and of one whose item is full. */
export function units(sparse: number, bound: number, name: string): string {
  return sparse === bound ? `${sparse} ${name}${sparse === 1 ? "" : "s"}` : `${sparse} to ${bound} ${name}s`;
}

/** A number of bytes: `512 B`, `3.1 KB`. */
export function bytes(count: number): string {
  return count < 1024 ? `${count} B` : `${(count / 1024).toFixed(1)} KB`;
}

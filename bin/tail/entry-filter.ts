import { parseDuration } from "../../lib/define/duration.ts";
import type { Channel, ChannelEntry } from "../../lib/online/channels.ts";

/** Which entries to show; what is absent holds for all. */
export interface EntryFilter {
  readonly channel?: Channel;
  readonly source?: string;
  /** `name@version`, or a name for all its versions. */
  readonly view?: string;
  readonly reason?: string;
  /** The record's partition key. */
  readonly key?: string;
  /** By arrival, epoch ms, inclusive. */
  readonly sinceMs?: number;
  /** By arrival, epoch ms, exclusive. */
  readonly untilMs?: number;
}

/** True when an entry is one of those asked for; its channel is looked at by whoever lists the objects. */
export function passes(filter: EntryFilter, entry: ChannelEntry): boolean {
  const { source, view, reason, key, sinceMs, untilMs } = filter;
  return (
    (source === undefined || entry.source === source) &&
    (view === undefined || entry.view === view || entry.view?.split("@")[0] === view) &&
    (reason === undefined || entry.reason === reason) &&
    (key === undefined || entry.partitionKey === key) &&
    (sinceMs === undefined || entry.arrivalMs >= sinceMs) &&
    (untilMs === undefined || entry.arrivalMs < untilMs)
  );
}

/**
 * A moment as users write it: a duration before now (`1h`), or ISO 8601 with `Z` or an offset (a date alone is midnight
 * UTC). Null for anything else.
 */
export function parseMoment(text: string, nowMs: number): number | null {
  if (/^[1-9]\d{0,8}[smhd]$/.test(text)) return nowMs - parseDuration(text as "1h");
  const isIso = /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:?\d{2}))?$/.test(text);
  const ms = isIso ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

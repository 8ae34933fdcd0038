import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { QUARANTINE_REASONS } from "../../lib/engine/record.ts";
import type { Channel } from "../../lib/online/channels.ts";
import type { CommandContext } from "../command-context.ts";
import { type EntryFilter, parseMoment } from "../tail/entry-filter.ts";
import { createEntryReader, type TailedEntry } from "../tail/entry-reader.ts";
import { entryLine, entryText } from "../tail/entry-text.ts";
import { byArrival, latestEntries } from "../tail/latest-entries.ts";
import { openStore } from "../tail/open-store.ts";

const DEFAULT_LIMIT = 100;
const DEFAULT_INTERVAL_SECONDS = 5;

interface TailOptions {
  readonly channel?: Channel;
  readonly source?: string;
  readonly view?: string;
  readonly reason?: string;
  readonly key?: string;
  /** Epoch ms. */
  readonly since?: number;
  /** Epoch ms. */
  readonly until?: number;
  readonly limit: number | null;
  readonly follow?: true;
  readonly interval: number;
  readonly json?: true;
}

/** `freshet tail LOCATION`: the records that were set aside, and why (R12). */
export function tailCommand(context: CommandContext): Command {
  const moment = (text: string) => parseTime(text, context.clock.now());
  return new Command("tail")
    .description(
      "print records that were set aside (quarantined and late), each once, by arrival, the last ones",
    )
    .argument(
      "<location>",
      "the folder or s3://bucket/prefix that they are written to, or the state folder of a local run (--resume)",
    )
    .addOption(new Option("--channel <channel>", "only this one").choices(["quarantine", "late"]))
    .option("--source <name>", "only records of this source")
    .option("--view <name>", "only what this view could not take: name@version, or a name for all versions")
    .addOption(
      new Option("--reason <reason>", "only for this reason").choices(["late", ...QUARANTINE_REASONS]),
    )
    .option("--key <key>", "only records of this partition key")
    .option(
      "--since <time>",
      "only what arrived from then on: 2026-01-31T12:00:00Z, or 1h for an hour ago",
      moment,
    )
    .option("--until <time>", "only what arrived before then", moment)
    .option("--limit <count>", `the last so many, or "all"`, parseLimit, DEFAULT_LIMIT)
    .option("-f, --follow", "go on printing what comes, until interrupted")
    .option("--interval <seconds>", "how often to look for more", parseInterval, DEFAULT_INTERVAL_SECONDS)
    .option("--json", "print a JSON object a line")
    .addHelpText(
      "after",
      "\nExit code: 0, 1 for a location that cannot be read or objects in it that are no entries, 2 for wrong usage.",
    )
    .action((location: string, options: TailOptions) => tail(context, location, options));
}

async function tail(context: CommandContext, location: string, options: TailOptions): Promise<void> {
  const { output, interrupted } = context;
  const filter = filterOf(options);
  const { location: records, store, close } = await openStore(location);
  const reader = createEntryReader({
    store,
    filter,
    onUnreadable(message) {
      output.writeError(`freshet: ${message}`);
      context.exitWith(1);
    },
  });
  const print = (entry: TailedEntry) =>
    output.write(options.json === true ? JSON.stringify(entryLine(entry)) : entryText(entry));
  try {
    const latest = await latestEntries(reader.readNew(), options.limit);
    for (const entry of latest) print(entry);
    if (latest.length === 0 && options.json !== true) output.writeError(noneText(records, filter));
    while (options.follow === true && !interrupted.aborted) {
      await sleep(options.interval * 1_000, undefined, { signal: interrupted }).catch(() => undefined);
      if (interrupted.aborted) break;
      const fresh: TailedEntry[] = [];
      for await (const entry of reader.readNew()) fresh.push(entry);
      for (const entry of fresh.sort(byArrival)) print(entry);
    }
  } finally {
    close();
  }
}

/** Told beside the output, which stays empty: there is nothing wrong. */
function noneText(location: string, filter: EntryFilter): string {
  return Object.keys(filter).length > 0
    ? `freshet: no record in ${location} is what the options ask for.`
    : `freshet: no records in ${location}: nothing under its quarantine/ or late/.`;
}

function filterOf(options: TailOptions): EntryFilter {
  const { channel, source, view, reason, key, since, until } = options;
  return {
    ...(channel === undefined ? {} : { channel }),
    ...(source === undefined ? {} : { source }),
    ...(view === undefined ? {} : { view }),
    ...(reason === undefined ? {} : { reason }),
    ...(key === undefined ? {} : { key }),
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
  };
}

function parseTime(text: string, nowMs: number): number {
  const ms = parseMoment(text, nowMs);
  if (ms !== null) return ms;
  throw new InvalidArgumentError(
    "Write a duration before now, such as 1h, or a time, such as 2026-01-31T12:00:00Z.",
  );
}

function parseLimit(text: string): number | null {
  if (text === "all") return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1, or "all".');
}

function parseInterval(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= 0.1 && seconds <= 3_600) return seconds;
  throw new InvalidArgumentError("Write seconds from 0.1 to 3600.");
}

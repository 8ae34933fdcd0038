import { Command, InvalidArgumentError, Option } from "commander";
import {
  addCommonOptions,
  type CommonOptions,
  commonOptionsOf,
  type GivenCommonOptions,
  numberOption,
  parseGiven,
} from "../command/common-options.ts";
import type { FaultSettings } from "./deliver/deliver-events.ts";
import { DAY_MS, FILE_RANGE, type TimeRange } from "./flights.ts";

/** What `npm start` was asked for. `log` is for every scored request. */
export interface FlightsOptions extends CommonOptions {
  readonly range: TimeRange;
  /** File for every entity's features at the end; null: none. */
  readonly dump: string | null;
  /** Seed of the faults that are put in the records' way; null: none. */
  readonly faultSeed: number | null;
  /** Folder to keep everything in, and to go on from; null: in memory. */
  readonly resume: string | null;
}

/** The faults that were asked for; null: none. */
export function faultsOf({ faultSeed, shards }: FlightsOptions): FaultSettings | null {
  return faultSeed === null ? null : { seed: faultSeed, shards };
}

/** `2001-05-07` is a Monday of a week that the model was not trained on. */
export const DEFAULT_FROM = "2001-05-07";
const DEFAULT_DAYS = 7;
const DEFAULT_SEED = 1;

interface GivenOptions extends GivenCommonOptions {
  readonly from: number;
  readonly days?: number;
  readonly dump?: string;
  readonly faults?: boolean;
  readonly seed?: number;
  readonly resume?: string;
}

/**
 * Reads the command line.
 *
 * @throws CommanderError for `--help`, with exit code 0, and for an option or a value that is not allowed.
 */
export function parseOptions(
  argv: readonly string[],
  write: (text: string) => void = (text) => process.stderr.write(text),
): FlightsOptions {
  const command = program();
  const given = parseGiven<GivenOptions>(command, argv, write);
  const lastDayMs = FILE_RANGE.endMs - DAY_MS;
  const daysLeft = (FILE_RANGE.endMs - given.from) / DAY_MS;
  const days = given.days ?? (given.once ? Math.min(DEFAULT_DAYS, daysLeft) : daysLeft);
  if (days > daysLeft) {
    command.error(
      `error: --days ${days} from ${day(given.from)} goes past the last day of the file, ${day(lastDayMs)}; at most ${daysLeft} is allowed.`,
    );
  }
  if (given.json && !given.once) command.error("error: --json needs --once: only that ends with a summary.");
  if (given.seed !== undefined && !given.faults)
    command.error("error: --seed needs --faults: only they are random.");
  return {
    ...commonOptionsOf(given),
    range: { fromMs: given.from, endMs: given.from + days * DAY_MS },
    dump: given.dump ?? null,
    resume: given.resume ?? null,
    faultSeed: given.faults ? (given.seed ?? DEFAULT_SEED) : null,
  };
}

function program(): Command {
  const command = new Command("npm start --")
    .description("Replays real flights through streams, feature store, API and model, in one process.")
    .option("--once", "replay the days once, compare everything with a recount of the raw file, and exit")
    .addOption(
      new Option("--from <date>", "first day, such as 2001-02-05")
        .default(Date.parse(DEFAULT_FROM), DEFAULT_FROM)
        .argParser(parseDay),
    )
    .addOption(
      numberOption(
        "--days <number>",
        `how many days; with --once ${DEFAULT_DAYS} by default, else all that follow`,
        1,
        182,
      ),
    )
    .option(
      "--faults",
      "deliver some records twice, out of order, a day late, malformed, under wrong partition keys or dated ahead",
    )
    .addOption(numberOption("--seed <number>", `which faults (default: ${DEFAULT_SEED})`, 0, 999_999_999))
    .option(
      "--resume <folder>",
      "keep everything in a folder; after a kill, the same command goes on where it was",
    )
    .option("--dump <file>", "write every entity's features at the end, a JSON object a line");
  return addCommonOptions(command, {
    shards: "shards of each stream",
    log: "write every scored request, a JSON object a line",
  });
}

function parseDay(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || day(ms) !== text) {
    throw new InvalidArgumentError("It is not a day; write one such as 2001-02-05.");
  }
  if (ms < FILE_RANGE.fromMs || ms >= FILE_RANGE.endMs) {
    throw new InvalidArgumentError(
      `The file has ${day(FILE_RANGE.fromMs)} to ${day(FILE_RANGE.endMs - DAY_MS)}.`,
    );
  }
  return ms;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

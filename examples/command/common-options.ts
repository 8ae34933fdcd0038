import { type Command, Option } from "commander";
import { wholeNumber } from "./whole-number.ts";

const DEFAULT_PORT = 8787;

/** What every example can be asked for. */
export interface CommonOptions {
  /** Run once, prove it right, and exit. */
  readonly once: boolean;
  readonly shards: number;
  readonly json: boolean;
  readonly log: string | null;
  readonly port: number;
  readonly quiet: boolean;
}

/** The same as the command line gives them. */
export interface GivenCommonOptions {
  readonly once?: boolean;
  readonly shards: number;
  readonly json?: boolean;
  readonly log?: string;
  readonly port?: number;
  readonly quiet?: boolean;
}

/** An option that takes a whole number. */
export function numberOption(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser(wholeNumber(least, most));
}

/** Adds what every example can be asked for, save `--once`, which each tells in its own words. */
export function addCommonOptions(
  command: Command,
  { shards, log }: { readonly shards: string; readonly log: string },
): Command {
  return command
    .addOption(numberOption("--shards <number>", shards, 1, 16).default(2))
    .option("--json", "with --once: print the summary as one JSON object on the last line")
    .option("--log <file>", log)
    .addOption(
      numberOption(
        "--port <number>",
        `port of the API (default: ${DEFAULT_PORT}, or any free one with --once)`,
        0,
        65_535,
      ),
    )
    .option("--quiet", "no progress, only the result")
    .helpOption("--help", "show this");
}

/** Parses a command line; what is wrong with it, and help, goes to `write`. */
export function parseGiven<Given extends GivenCommonOptions>(
  command: Command,
  argv: readonly string[],
  write: (text: string) => void,
): Given {
  return command
    .configureOutput({ writeErr: write })
    .exitOverride()
    .parse(argv, { from: "user" })
    .opts<Given>();
}

/** What was asked for, with the defaults. */
export function commonOptionsOf(given: GivenCommonOptions): CommonOptions {
  const { once = false, shards, json = false, log = null, quiet = false } = given;
  return { once, shards, json, log, port: given.port ?? (once ? 0 : DEFAULT_PORT), quiet };
}

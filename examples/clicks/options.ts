import { Command, Option } from "commander";
import { wholeNumber } from "../command/whole-number.ts";

/** What `npm run example:clicks` was asked for. */
export interface ClicksOptions {
  /** Generate the minutes once, prove what is served right, and exit. */
  readonly once: boolean;
  readonly seed: number;
  readonly users: number;
  readonly minutes: number;
  /** How many times as fast as the clicks' own time a proven run goes. */
  readonly speed: number;
  readonly shards: number;
  readonly json: boolean;
  /** File for the latency of every click. */
  readonly log: string | null;
  /** File for the raw events, as put. */
  readonly raw: string | null;
  /** File of raw events to recount instead of those put. */
  readonly against: string | null;
  readonly port: number;
  readonly quiet: boolean;
}

const DEFAULT_PORT = 8787;
const DEFAULT_MINUTES = 20;
const DEFAULT_SPEED = 60;
/** `distinct` of the definitions counts so far. */
const MOST_USERS = 1_000;

interface GivenOptions {
  readonly once?: boolean;
  readonly seed: number;
  readonly users: number;
  readonly minutes?: number;
  readonly speed?: number;
  readonly shards: number;
  readonly json?: boolean;
  readonly log?: string;
  readonly raw?: string;
  readonly against?: string;
  readonly port?: number;
  readonly quiet?: boolean;
}

/**
 * Reads the command line.
 *
 * @throws CommanderError for `--help`, with exit code 0, and for an option or a value that is not allowed.
 */
export function parseOptions(
  argv: readonly string[],
  write: (text: string) => void = (text) => process.stderr.write(text),
): ClicksOptions {
  const command = program().configureOutput({ writeErr: write }).exitOverride();
  const given = command.parse(argv, { from: "user" }).opts<GivenOptions>();
  const once = given.once ?? false;
  for (const name of ["json", "minutes", "speed", "raw", "against"] as const) {
    if (given[name] !== undefined && !once) {
      command.error(`error: --${name} needs --once: without it clicks come in their own time until Ctrl-C.`);
    }
  }
  return {
    once,
    seed: given.seed,
    users: given.users,
    minutes: given.minutes ?? DEFAULT_MINUTES,
    speed: given.speed ?? DEFAULT_SPEED,
    shards: given.shards,
    json: given.json ?? false,
    log: given.log ?? null,
    raw: given.raw ?? null,
    against: given.against ?? null,
    port: given.port ?? (once ? 0 : DEFAULT_PORT),
    quiet: given.quiet ?? false,
  };
}

function program(): Command {
  return new Command("npm run example:clicks --")
    .description("Generates clicks and serves what users do: rolling counts, alerts, active users, sessions.")
    .option("--once", "generate some minutes, compare everything with a recount in SQL, and exit")
    .addOption(
      new Option("--seed <number>", "which clicks").default(1).argParser(wholeNumber(0, 999_999_999)),
    )
    .addOption(
      new Option("--users <number>", "how many users").default(60).argParser(wholeNumber(1, MOST_USERS)),
    )
    .addOption(
      new Option("--minutes <number>", `with --once: how many (default: ${DEFAULT_MINUTES})`).argParser(
        wholeNumber(1, 240),
      ),
    )
    .addOption(
      new Option(
        "--speed <number>",
        `with --once: times as fast as the clicks' own time (default: ${DEFAULT_SPEED})`,
      ).argParser(wholeNumber(1, 1_000)),
    )
    .addOption(
      new Option("--shards <number>", "shards of the stream").default(2).argParser(wholeNumber(1, 16)),
    )
    .option("--json", "with --once: print the summary as one JSON object on the last line")
    .option("--log <file>", "write the latency of every click, a JSON object a line")
    .option("--raw <file>", "with --once: keep the raw events that were put, a JSON object a line")
    .option("--against <file>", "with --once: recount these raw events instead of those that were put")
    .addOption(
      new Option(
        "--port <number>",
        `port of the API (default: ${DEFAULT_PORT}, or any free one with --once)`,
      ).argParser(wholeNumber(0, 65_535)),
    )
    .option("--quiet", "no progress, only the result")
    .helpOption("--help", "show this");
}

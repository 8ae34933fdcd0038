import { Command } from "commander";
import {
  addCommonOptions,
  type CommonOptions,
  commonOptionsOf,
  type GivenCommonOptions,
  numberOption,
  parseGiven,
} from "../command/common-options.ts";

/** What `npm run example:clicks` was asked for. `log` is for the latency of every click. */
export interface ClicksOptions extends CommonOptions {
  readonly seed: number;
  readonly users: number;
  readonly minutes: number;
  /** How many times as fast as the clicks' own time a proven run goes. */
  readonly speed: number;
  /** File for the raw events, as put. */
  readonly raw: string | null;
  /** File of raw events to recount instead of those put. */
  readonly against: string | null;
}

const DEFAULT_MINUTES = 20;
const DEFAULT_SPEED = 60;
/** `distinct` of the definitions counts so far. */
const MOST_USERS = 1_000;

interface GivenOptions extends GivenCommonOptions {
  readonly seed: number;
  readonly users: number;
  readonly minutes?: number;
  readonly speed?: number;
  readonly raw?: string;
  readonly against?: string;
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
  const command = program();
  const given = parseGiven<GivenOptions>(command, argv, write);
  for (const name of ["json", "minutes", "speed", "raw", "against"] as const) {
    if (given[name] !== undefined && !given.once) {
      command.error(`error: --${name} needs --once: without it clicks come in their own time until Ctrl-C.`);
    }
  }
  return {
    ...commonOptionsOf(given),
    seed: given.seed,
    users: given.users,
    minutes: given.minutes ?? DEFAULT_MINUTES,
    speed: given.speed ?? DEFAULT_SPEED,
    raw: given.raw ?? null,
    against: given.against ?? null,
  };
}

function program(): Command {
  const command = new Command("npm run example:clicks --")
    .description("Generates clicks and serves what users do: rolling counts, alerts, active users, sessions.")
    .option("--once", "generate some minutes, compare everything with a recount in SQL, and exit")
    .addOption(numberOption("--seed <number>", "which clicks", 0, 999_999_999).default(1))
    .addOption(numberOption("--users <number>", "how many users", 1, MOST_USERS).default(60))
    .addOption(
      numberOption("--minutes <number>", `with --once: how many (default: ${DEFAULT_MINUTES})`, 1, 240),
    )
    .addOption(
      numberOption(
        "--speed <number>",
        `with --once: times as fast as the clicks' own time (default: ${DEFAULT_SPEED})`,
        1,
        1_000,
      ),
    )
    .option("--raw <file>", "with --once: keep the raw events that were put, a JSON object a line")
    .option("--against <file>", "with --once: recount these raw events instead of those that were put");
  return addCommonOptions(command, {
    shards: "shards of the stream",
    log: "write the latency of every click, a JSON object a line",
  });
}

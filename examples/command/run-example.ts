import { CommanderError } from "commander";
import { FreshetError, type FreshetErrorCode } from "../../lib/index.ts";
import { type Difference, listDifferences } from "./difference.ts";
import { INTERRUPTED, stopSignal } from "./stop-signal.ts";

/** What a run that proves itself ends with. */
export interface ProvenRun<Summary> {
  readonly summary: Summary;
  readonly differences: readonly Difference[];
}

/** An example's command. */
export interface ExampleCommand<Options, Summary> {
  /** @throws CommanderError for `--help`, with exit code 0, and for what is not allowed. */
  readonly parse: (argv: readonly string[]) => Options;
  /** Runs once and compares everything; null when it was stopped. */
  readonly proveOnce: (options: Options, stop: AbortSignal) => Promise<ProvenRun<Summary> | null>;
  /** Runs until it is stopped. */
  readonly runLive: (options: Options, stop: AbortSignal) => Promise<void>;
  readonly summaryText: (summary: Summary) => string;
}

/** What the user can put right by asking otherwise. */
const USAGE_ERRORS: readonly FreshetErrorCode[] = [
  "OPTION_INVALID",
  "PORT_IN_USE",
  "STATE_FOLDER_MISMATCH",
  "STATE_FOLDER_IN_USE",
  "STATE_FOLDER_EXPIRED",
];

const EXIT = { ok: 0, wrong: 1, usage: 2, interrupted: INTERRUPTED } as const;

/** Runs an example as it was asked for, and answers the exit code. The result goes to standard output, all else to standard error. */
export async function runExample<
  Options extends { readonly once: boolean; readonly json: boolean },
  Summary extends { readonly ok: boolean },
>(argv: readonly string[], command: ExampleCommand<Options, Summary>): Promise<number> {
  let options: Options;
  try {
    options = command.parse(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
  const stop = stopSignal();
  try {
    if (!options.once) {
      await command.runLive(options, stop);
      return EXIT.ok;
    }
    const run = await command.proveOnce(options, stop);
    if (run === null) return EXIT.interrupted;
    listDifferences(run.differences);
    process.stdout.write(`${command.summaryText(run.summary)}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(run.summary)}\n`);
    return run.summary.ok ? EXIT.ok : EXIT.wrong;
  } catch (error) {
    if (!(error instanceof FreshetError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return USAGE_ERRORS.includes(error.code) ? EXIT.usage : EXIT.wrong;
  }
}

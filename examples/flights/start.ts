import { CommanderError } from "commander";
import { FreshetError, type FreshetErrorCode } from "../../lib/index.ts";
import { INTERRUPTED, stopSignal } from "../command/stop-signal.ts";
import { describeDifference } from "./check/compare.ts";
import { replayLive } from "./live.ts";
import { replayOnce } from "./once.ts";
import { type FlightsOptions, parseOptions } from "./options.ts";
import { summaryText } from "./summary/print.ts";

/** What the user can put right by asking otherwise. */
const USAGE_ERRORS: readonly FreshetErrorCode[] = [
  "OPTION_INVALID",
  "PORT_IN_USE",
  "STATE_FOLDER_MISMATCH",
  "STATE_FOLDER_IN_USE",
  "STATE_FOLDER_EXPIRED",
];
const MOST_DIFFERENCES_LISTED = 50;

const EXIT = { ok: 0, wrong: 1, usage: 2, interrupted: INTERRUPTED } as const;

async function main(argv: readonly string[]): Promise<number> {
  let options: FlightsOptions;
  try {
    options = parseOptions(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
  const stop = stopSignal();
  try {
    if (options.once) return await proveOnce(options, stop);
    await replayLive(options, stop);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof FreshetError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return USAGE_ERRORS.includes(error.code) ? EXIT.usage : EXIT.wrong;
  }
}

async function proveOnce(options: FlightsOptions, stop: AbortSignal): Promise<number> {
  const proof = await replayOnce(options, stop);
  if (proof === null) return EXIT.interrupted;
  const { summary, differences } = proof;
  for (const difference of differences.slice(0, MOST_DIFFERENCES_LISTED)) {
    process.stderr.write(`${describeDifference(difference)}\n`);
  }
  if (differences.length > MOST_DIFFERENCES_LISTED) {
    process.stderr.write(`and ${differences.length - MOST_DIFFERENCES_LISTED} more differences\n`);
  }
  process.stdout.write(`${summaryText(summary)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.ok ? EXIT.ok : EXIT.wrong;
}

process.exitCode = await main(process.argv.slice(2));

/** Puts twice what the local runtime folds, and sees that it says so, answers, loses nothing and catches up. */
import { Command } from "commander";
import { numberOption } from "../../examples/command/common-options.ts";
import { INTERRUPTED, stopSignal } from "../../examples/command/stop-signal.ts";
import { Stopped } from "../soak/soak.ts";
import { overload } from "./overload.ts";

const SECOND_MS = 1_000;

const command = new Command("npm run overload --")
  .description("Puts twice what the local runtime folds: it says so, answers, loses nothing and catches up.")
  .addOption(numberOption("--seconds <number>", "how long twice as much is put", 5, 100_000).default(60))
  .addOption(numberOption("--keys <number>", "accounts", 1, 1_000_000).default(2_000))
  .addOption(numberOption("--seed <number>", "which payments", 0, 999_999_999).default(1))
  .option("--json", "print the result as one JSON object on standard output");
const { seconds, keys, seed, json } = command.parse().opts<{
  readonly seconds: number;
  readonly keys: number;
  readonly seed: number;
  readonly json?: boolean;
}>();

try {
  const result = await overload({
    keys,
    seed,
    findMs: 30 * SECOND_MS,
    overloadMs: seconds * SECOND_MS,
    floodRequests: 1_000,
    stop: stopSignal(),
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  const { faults, flood, ...figures } = result;
  const rows = Object.entries({ ...figures, flood: JSON.stringify(flood) }).map(
    ([name, value]) =>
      `${name.padEnd(20)} ${typeof value === "number" ? Math.round(value * 10) / 10 : value}`,
  );
  const verdict = faults.length === 0 ? "said, answered, caught up, exact" : `${faults.length} faults`;
  process.stdout.write(
    json ? `${JSON.stringify(result)}\n` : `${[...rows, ...faults, verdict].join("\n")}\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  process.exitCode = INTERRUPTED;
}

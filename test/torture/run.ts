/**
 * Kills the process of `npm start -- --once --days 1 --faults --resume` with SIGKILL at random moments, leaves it
 * without room and without the right to write on the way, and holds what it ends with to the recount.
 */
import { Command } from "commander";
import { numberOption } from "../../examples/command/common-options.ts";
import { INTERRUPTED, stopSignal } from "../../examples/command/stop-signal.ts";
import { openDisk } from "./disk.ts";
import { Stopped, type TortureResult, torture } from "./torture.ts";

const command = new Command("npm run torture --")
  .description("Kills a replay at random moments and sees that it ends exact.")
  .addOption(numberOption("--kills <number>", "how often it is killed", 1, 10_000).default(50))
  .addOption(numberOption("--seed <number>", "which moments and faults", 0, 999_999_999).default(1))
  .option("--json", "print the result as one JSON object on standard output");
const { kills, seed, json } = command
  .parse()
  .opts<{ readonly kills: number; readonly seed: number; readonly json?: boolean }>();

const disk = await openDisk();
try {
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const result = await torture({ kills, seed, disk, stop: stopSignal(), tell });
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : resultText(result));
  process.exitCode = result.faults.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  process.exitCode = INTERRUPTED;
} finally {
  await disk.remove();
}

function resultText(result: TortureResult): string {
  const { faults, ...figures } = result;
  const rows = Object.entries({ ...figures, seconds: Math.round(figures.seconds) });
  const verdict = faults.length === 0 ? "exact" : `${faults.length} faults`;
  return [...rows.map(([name, value]) => `${name.padEnd(20)} ${value}`), ...faults, verdict, ""].join("\n");
}

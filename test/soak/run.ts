/** Runs the local runtime at the highest rate that it holds, and judges memory, lag and every value at the end. */
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { Command } from "commander";
import { numberOption } from "../../examples/command/common-options.ts";
import { INTERRUPTED, stopSignal } from "../../examples/command/stop-signal.ts";
import { memorySvg } from "./report/memory-chart.ts";
import { resultText } from "./report/result-text.ts";
import { Stopped, soak } from "./soak.ts";

const MINUTE_MS = 60_000;
/** The longest window with its lateness is 160 s; then nothing grows for windows any more. */
const FILL_MS = 3 * MINUTE_MS;

const command = new Command("npm run soak --")
  .description(
    "Runs the local runtime at the highest rate it holds: memory flat, lag bounded, exact at the end.",
  )
  .addOption(
    numberOption(
      "--minutes <number>",
      "how long it is judged, once every key is known and windows are full",
      1,
      100_000,
    ).default(30),
  )
  .addOption(numberOption("--keys <number>", "accounts", 1, 1_000_000).default(100_000))
  .addOption(numberOption("--seed <number>", "which payments", 0, 999_999_999).default(1))
  .option("--svg <file>", "write the curve")
  .option("--json", "print the result as one JSON object on standard output");
const { minutes, keys, seed, svg, json } = command.parse().opts<{
  readonly minutes: number;
  readonly keys: number;
  readonly seed: number;
  readonly svg?: string;
  readonly json?: boolean;
}>();

/** What the figures depend on; the load is of before the run and beside nothing of it. */
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  loadBefore: loadavg()[0]!,
};

try {
  const result = await soak({
    judgedMs: minutes * MINUTE_MS,
    fillMs: FILL_MS,
    keys,
    seed,
    // A collection takes about a second of a busy processor.
    sampleEveryMs: Math.max(15_000, minutes * 1_000),
    stop: stopSignal(),
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  if (svg !== undefined) {
    const title = `npm run soak -- --minutes ${minutes} --keys ${keys} --seed ${seed}: ${result.recordsPut} records`;
    await writeFile(svg, memorySvg(result.samples, title));
  }
  process.stdout.write(json ? `${JSON.stringify({ machine, ...result })}\n` : resultText(result, machine));
  process.exitCode = result.faults.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  process.exitCode = INTERRUPTED;
}

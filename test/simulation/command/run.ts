import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { type FaultName, faultNames, isFaultName } from "../faults/registry.ts";
import { runMutants } from "../mutants/run-mutants.ts";
import { bundleWorker } from "./bundle.ts";
import { describeCoverage, describeFailure, replayCommand } from "./report.ts";
import { runWorlds } from "./run-worlds.ts";

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly fault: readonly FaultName[];
  readonly schedule?: string;
  readonly workers: number;
  readonly json?: true;
  readonly shrink: boolean;
  readonly mutants?: true | readonly string[];
  readonly unitTests?: true;
}

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("Write a whole number.");
  return value;
};

const fault = (name: string, before: readonly FaultName[]): readonly FaultName[] => {
  if (!isFaultName(name)) throw new InvalidArgumentError(`There are ${faultNames.join(", ")}.`);
  return [...before, name];
};

const command = new Command("simulate")
  .description(
    "Runs the write path, the poller and the reader in simulated worlds: a seed makes the world and its faults, and every world is checked against one pass over its records.",
  )
  .option("--seeds <n>", "how many worlds", wholeNumber, 100)
  .option("--from <seed>", "the first world's seed", wholeNumber, 1)
  .option("--fault <name...>", "only these faults; without a name that exists, all are listed", fault, [])
  .option("--schedule <json>", "a shrunk world's schedule, as a failure prints it")
  .option("--workers <n>", "worlds at a time", wholeNumber, Math.min(2, availableParallelism()))
  .option("--json", "print one JSON object")
  .option("--no-shrink", "do not look for shorter worlds that break the same rule")
  .option(
    "--mutants [name...]",
    "apply each mutant, or those named, to a copy of the tree, and see it caught; writes docs/simulation.md",
  )
  .option(
    "--unit-tests",
    "with --mutants: also run the unit tests of engine, online, functions and poller that import what a mutant breaks: minutes each",
  );

async function main(): Promise<number> {
  const options = command.parse().opts<Options>();
  const {
    seeds,
    from,
    fault: only,
    schedule = null,
    workers,
    json,
    shrink,
    mutants,
    unitTests = false,
  } = options;
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  if (mutants !== undefined) {
    const names = mutants === true ? [] : mutants;
    return runMutants({ root, workers, hasUnitTests: unitTests, names });
  }
  const began = performance.now();
  const isShown = json !== true && process.stderr.isTTY;
  const { coverage, failures } = await runWorlds({
    bundle: await bundleWorker(root),
    from,
    seeds,
    only,
    schedule,
    shrinks: shrink,
    workers: Math.max(1, workers),
    onFailure: (seed) => {
      if (json !== true) console.error(`${isShown ? "\r" : ""}seed ${seed} breaks a rule`);
    },
    onWorld: (done, failed) => {
      if (isShown) process.stderr.write(`\r${done} of ${seeds} worlds, ${failed} failed`);
      // A log that nobody watches.
      else if (json !== true && done % 500 === 0)
        console.error(`${done} of ${seeds} worlds, ${failed} failed`);
    },
  });
  if (isShown) process.stderr.write("\n");
  const seconds = (performance.now() - began) / 1000;
  const lacks = only.length > 0 || schedule !== null ? [] : coverage.lacks;
  if (json === true) {
    const failed = failures.map((failure) => ({
      seed: failure.seed,
      violations: (failure.shrunk?.result ?? failure.first).violations,
      replay: replayCommand(failure),
    }));
    console.log(
      JSON.stringify({
        worlds: coverage.worlds,
        seconds,
        records: coverage.records,
        answers: coverage.answers,
        faults: Object.fromEntries(coverage.faults),
        crashes: Object.fromEntries(coverage.crashes),
        lacks,
        failures: failed,
      }),
    );
  } else {
    console.log(describeCoverage(coverage));
    for (const failure of failures.slice(0, 10)) console.log(describeFailure(failure));
    for (const lack of lacks) console.log(lack);
    const verdict =
      failures.length === 0
        ? "every world is as one pass makes it"
        : `${failures.length} worlds break a rule`;
    console.log(`${verdict}: ${coverage.worlds} worlds in ${seconds.toFixed(1)} s`);
  }
  return failures.length === 0 && lacks.length === 0 ? 0 : 1;
}

process.exitCode = await main();

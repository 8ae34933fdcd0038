/**
 * Holds the cold starts of the bundled functions to budgets: the processor time of a new process up to its first answer,
 * of three the least, since a busy machine only ever adds to it. The budgets are some five times what is measured
 * (docs/performance.md): they catch a bundle that takes in what it should not, not a slow machine. Ends with 1 beyond.
 */
import { bundleFunctions } from "./bundles.ts";
import { coldStart } from "./cold-start.ts";
import { startServers } from "./servers.ts";

const DEFINITIONS = "examples/flights/definitions.ts";
const RUNS = 3;
const BUDGETS_MS = { aggregate: 1_500, infer: 4_000 } as const;

const bundles = await bundleFunctions(DEFINITIONS);
const servers = await startServers(DEFINITIONS);
try {
  for (const bundle of bundles.all) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      times.push((await coldStart(bundle, servers)).phases["CPU time of it, all threads"]);
    }
    const leastMs = Math.min(...times);
    const budgetMs = BUDGETS_MS[bundle.name];
    const verdict = leastMs <= budgetMs ? "within" : "BEYOND";
    console.log(
      `${bundle.name}: ${leastMs.toFixed(0)} ms of processor time to the first answer, ${verdict} ${budgetMs} ms`,
    );
    if (leastMs > budgetMs) process.exitCode = 1;
  }
} finally {
  await servers.stop();
  await bundles.remove();
}

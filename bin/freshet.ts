#!/usr/bin/env node
import { standardOutput } from "./output.ts";
import { runFreshet } from "./run-freshet.ts";

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The second one ends the process as signals do.
  process.once(signal, () => interruption.abort());
}
// A reader such as head has seen enough: not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  interruption.abort();
});
process.exitCode = await runFreshet(process.argv.slice(2), {
  output: standardOutput,
  interrupted: interruption.signal,
});

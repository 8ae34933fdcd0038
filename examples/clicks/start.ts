import { runExample } from "../command/run-example.ts";
import { runLive } from "./live.ts";
import { proveOnce } from "./once.ts";
import { parseOptions } from "./options.ts";
import { summaryText } from "./summary/print.ts";

process.exitCode = await runExample(process.argv.slice(2), {
  parse: parseOptions,
  proveOnce,
  runLive,
  summaryText,
});

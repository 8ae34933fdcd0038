import { runExample } from "../command/run-example.ts";
import { replayLive } from "./live.ts";
import { replayOnce } from "./once.ts";
import { parseOptions } from "./options.ts";
import { summaryText } from "./summary/print.ts";

process.exitCode = await runExample(process.argv.slice(2), {
  parse: parseOptions,
  proveOnce: replayOnce,
  runLive: replayLive,
  summaryText,
});

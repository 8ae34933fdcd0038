#!/usr/bin/env node
import { standardOutput } from "./output.ts";
import { runFreshet } from "./run-freshet.ts";

process.exitCode = await runFreshet(process.argv.slice(2), standardOutput);

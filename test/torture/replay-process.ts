import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Summary } from "../../examples/flights/summary/summary.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a process of `npm start` ended with. */
export interface ReplayEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
  /** Null when it printed none. */
  readonly summary: Summary | null;
}

export interface ReplayProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<ReplayEnd>;
}

/** What `npm start` runs, with faults, for a day, in a folder that it goes on from. */
export function startReplay(options: {
  readonly folder: string;
  readonly faultSeed: number;
  /** Wraps the command, as a shell does that sets a limit. @default nothing */
  readonly wrap?: ((command: readonly string[]) => readonly string[]) | undefined;
}): ReplayProcess {
  const { folder, faultSeed, wrap = (command) => command } = options;
  const [program, ...args] = wrap([
    process.execPath,
    ...["--import", "tsx", "examples/flights/start.ts"],
    ...["--once", "--days", "1", "--faults", "--seed", String(faultSeed)],
    ...["--json", "--quiet", "--resume", folder],
  ]);
  const child = spawn(program!, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  let errors = "";
  child.stdout.on("data", (data) => (written += data));
  child.stderr.on("data", (data) => (errors += data));
  const ended = once(child, "close").then(([exitCode, signal]): ReplayEnd => {
    const lastLine = written.trimEnd().split("\n").at(-1)!;
    const summary = lastLine.startsWith("{") ? (JSON.parse(lastLine) as Summary) : null;
    return { exitCode, signal, errors, summary };
  });
  return { child, ended };
}

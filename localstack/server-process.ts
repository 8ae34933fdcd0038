import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const READY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 10_000;

/** A server that runs as a process of its own, with a folder of its own, for as long as whoever started it. */
export interface ServerProcess {
  /** What it has written, for a failure's report. */
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts a program and waits until it answers.
 *
 * @throws Error with the end of its log, when it ends or does not answer within two minutes.
 */
export async function startServerProcess(options: {
  readonly name: string;
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Asked again and again until it says so; a rejection is a no. */
  readonly isReady: () => Promise<boolean>;
}): Promise<ServerProcess> {
  const { name, command, parameters, environment, isReady } = options;
  const folder = mkdtempSync(join(tmpdir(), "freshet-server-"));
  const logFile = join(folder, "log");
  const log = openSync(logFile, "w");
  const child = spawn(command, parameters, {
    cwd: folder,
    env: environment,
    stdio: ["ignore", log, log],
    // A group of its own: what it starts ends with it.
    detached: true,
  });
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  // Whoever ends without stopping it leaves nothing running either.
  const endAtExit = () => {
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  };
  process.once("exit", endAtExit);
  const stop = async () => {
    await end(child);
    process.off("exit", endAtExit);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const endMs = Date.now() + READY_WITHIN_MS;
    while (!(await isReady().catch(() => false))) {
      if (failure !== undefined) throw failure;
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      if (Date.now() > endMs) throw new Error(`it did not answer within ${READY_WITHIN_MS} ms`);
      await wait(200);
    }
  } catch (cause) {
    const text = readFileSync(logFile, "utf8");
    await stop();
    throw new Error(`${name} did not begin: ${text.slice(-2_000)}`, { cause });
  }
  return { log: () => readFileSync(logFile, "utf8"), stop };
}

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const ended =
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise<void>((resolve) => child.once("exit", () => resolve()));
  signalGroup(child.pid, "SIGTERM");
  await Promise.race([ended, wait(STOPPED_WITHIN_MS)]);
  signalGroup(child.pid, "SIGKILL");
  await ended;
}

/** The group of a child that leads one; it may have ended. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

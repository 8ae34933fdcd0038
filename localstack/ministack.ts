import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const VERSION = "1.5.33";
const ENVIRONMENT = fileURLToPath(new URL(`../node_modules/.cache/ministack-${VERSION}`, import.meta.url));
const READY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 10_000;

/** A LocalStack-compatible server of this process's own. */
export interface Ministack {
  readonly endpoint: string;
  /** What it has written, for a failure's report. */
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts ministack on a free port of 127.0.0.1: no Docker, no account. It is installed from PyPI, once, into an environment
 * of its own. Lambdas run by the Node 24 of the npm package `node`.
 */
export async function startMinistack(): Promise<Ministack> {
  install();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "freshet-ministack-"));
  const logFile = join(folder, "log");
  const log = openSync(logFile, "w");
  // It hands an endpoint of its own to the Lambdas, and must not be given another.
  const { AWS_ENDPOINT_URL: _, AWS_ENDPOINT_URL_S3: __, ...inherited } = process.env;
  const child = spawn(join(ENVIRONMENT, "bin/ministack"), [], {
    cwd: folder,
    env: {
      ...inherited,
      PATH: `${node24Folder()}${delimiter}${inherited.PATH ?? ""}`,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: "local",
      IOT_MTLS_ENABLED: "0",
    },
    stdio: ["ignore", log, log],
    // A group of its own: its Lambdas end with it.
    detached: true,
  });
  const endpoint = `http://127.0.0.1:${port}`;
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
    await untilReady(child, endpoint);
  } catch (cause) {
    const text = readFileSync(logFile, "utf8");
    await stop();
    throw new Error(`ministack did not begin: ${text.slice(-2_000)}`, { cause });
  }
  return { endpoint, log: () => readFileSync(logFile, "utf8"), stop };
}

function install(): void {
  if (existsSync(join(ENVIRONMENT, "bin/ministack"))) return;
  rmSync(ENVIRONMENT, { recursive: true, force: true });
  mkdirSync(dirname(ENVIRONMENT), { recursive: true });
  run("python3", ["-m", "venv", ENVIRONMENT]);
  const pip = ["install", "--quiet", "--disable-pip-version-check", `ministack[full]==${VERSION}`];
  run(join(ENVIRONMENT, "bin/pip"), pip);
}

function run(command: string, parameters: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${parameters.join(" ")} failed: ${error?.message ?? stderr}`);
  return stdout;
}

/** Functions are deployed for Node 24, whichever runs this. */
function node24Folder(): string {
  if (process.versions.node.startsWith("24.")) return dirname(process.execPath);
  const printed = run("npx", ["--yes", "--package=node@24", "--", "node", "-p", "process.execPath"]);
  return dirname(printed.trim().split("\n").at(-1)!);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

async function untilReady(child: ChildProcess, endpoint: string): Promise<void> {
  const endMs = Date.now() + READY_WITHIN_MS;
  while (Date.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => null);
    if (answer?.ok === true) return;
    await wait(200);
  }
  throw new Error(`it did not answer within ${READY_WITHIN_MS} ms`);
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

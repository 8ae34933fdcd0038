import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type ServerProcess, startServerProcess } from "./server-process.ts";

/** The version that is installed, and that the deviations of the conformance suite were seen in. */
export const MINISTACK_VERSION = "1.5.33";
const ENVIRONMENT = fileURLToPath(
  new URL(`../node_modules/.cache/ministack-${MINISTACK_VERSION}`, import.meta.url),
);

/** A LocalStack-compatible server of this process's own. */
export interface Ministack extends ServerProcess {
  readonly endpoint: string;
}

/** What {@link startMinistack} takes. */
export interface MinistackOptions {
  /** Variables of its environment, beside those that it is always given. @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Starts ministack on a free port of 127.0.0.1: no Docker, no account. It is installed from PyPI, once, into an environment
 * of its own. Lambdas run by the Node 24 of the npm package `node`.
 */
export async function startMinistack({ environment = {} }: MinistackOptions = {}): Promise<Ministack> {
  install();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  // It hands an endpoint of its own to the Lambdas, and must not be given another.
  const { AWS_ENDPOINT_URL: _, AWS_ENDPOINT_URL_S3: __, ...inherited } = process.env;
  const server = await startServerProcess({
    name: "ministack",
    command: join(ENVIRONMENT, "bin/ministack"),
    parameters: [],
    environment: {
      ...inherited,
      ...environment,
      PATH: `${node24Folder()}${delimiter}${inherited.PATH ?? ""}`,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: "local",
      IOT_MTLS_ENABLED: "0",
    },
    isReady: async () => (await fetch(`${endpoint}/_ministack/health`)).ok,
  });
  return { endpoint, ...server };
}

function install(): void {
  if (existsSync(join(ENVIRONMENT, "bin/ministack"))) return;
  rmSync(ENVIRONMENT, { recursive: true, force: true });
  mkdirSync(dirname(ENVIRONMENT), { recursive: true });
  run("python3", ["-m", "venv", ENVIRONMENT]);
  const pip = ["install", "--quiet", "--disable-pip-version-check", `ministack[full]==${MINISTACK_VERSION}`];
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

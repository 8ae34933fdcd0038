/**
 * Holds DynamoDB Local to what the store relies on: `npm run test:dynamodb-local`. What is given is vitest's.
 *
 * It listens on all interfaces. So it runs, with the tests, in a network namespace that has a loopback interface alone;
 * where there can be none, only if {@link EXPOSED} says so.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installDynamoDbLocal } from "./install.ts";
import { findNetworkNamespace } from "./network-namespace.ts";

const EXPOSED = "FRESHET_DYNAMODB_LOCAL_EXPOSED";
const require = createRequire(import.meta.url);
const VITEST = join(dirname(require.resolve("vitest/package.json")), "vitest.mjs");
const CONFIG = fileURLToPath(new URL("vitest.config.ts", import.meta.url));

function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}

const namespace = findNetworkNamespace();
if (namespace === null && process.env[EXPOSED] !== "1") {
  refuse(
    "DynamoDB Local listens on all interfaces, and has no option against it. It is run in a network namespace of its own, " +
      "which there cannot be here: that takes Linux, unshare (util-linux), ip (iproute2), and the right to unshare. " +
      `With ${EXPOSED}=1 it runs all the same, open to your network for half a minute.`,
  );
}
try {
  // There is no network inside.
  installDynamoDbLocal();
} catch (error) {
  refuse((error as Error).message);
}
const [command, ...parameters] = [
  ...(namespace ?? []),
  process.execPath,
  VITEST,
  "run",
  "--config",
  CONFIG,
  ...process.argv.slice(2),
];
const child = spawn(command!, parameters, { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("close", (code) => process.exit(code ?? 1));

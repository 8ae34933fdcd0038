import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const REGION = "us-east-1";
const require = createRequire(import.meta.url);
const CDK = join(dirname(require.resolve("aws-cdk/package.json")), "bin/cdk");
const CDKLOCAL = join(dirname(require.resolve("aws-cdk-local/package.json")), "bin/cdklocal");

/** A stack that is deployed to a LocalStack-compatible endpoint. */
export interface Deployment {
  /** The stack's outputs, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** For clients and for functions run here: endpoint, region and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Once; called again, it waits for the same. */
  destroy(): Promise<void>;
}

/** Deploys the app of cdk.json by cdklocal, so that it takes its data along when it is destroyed. */
export async function deploy(endpoint: string, stack: string): Promise<Deployment> {
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
  };
  const folder = mkdtempSync(join(tmpdir(), "freshet-deployment-"));
  const assembly = join(folder, "assembly");
  const local = (...parameters: string[]) => cdk(CDKLOCAL, parameters, environment);
  // Metric math, which two kinds of alarm are made of, is what ministack's CloudWatch does not know.
  await cdk(CDK, ["synth", "--quiet", "-c", "keep=false", "-c", "monitoring=false", "-o", assembly], {});
  // Without an app of its own, bootstrap would synthesise it once more.
  await local("bootstrap", `aws://000000000000/${REGION}`, "--app", assembly);
  const outputsFile = join(folder, "outputs.json");
  const unasked = ["--require-approval", "never", "--outputs-file", outputsFile];
  await local("deploy", stack, "--app", assembly, ...unasked);
  const destroy = async () => {
    await local("destroy", stack, "--app", assembly, "--force");
    rmSync(folder, { recursive: true });
  };
  let destroyed: Promise<void> | undefined;
  const outputs = JSON.parse(readFileSync(outputsFile, "utf8"))[stack] as Record<string, string>;
  return {
    outputs,
    environment,
    destroy() {
      destroyed ??= destroy();
      return destroyed;
    },
  };
}

/** Runs a program of the CDK's; rejects with what it printed. */
function cdk(
  program: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...parameters], {
      cwd: ROOT,
      env: { ...process.env, ...environment, CDK_DISABLE_CLI_TELEMETRY: "true" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`cdk ${parameters.join(" ")} ended with ${code}:\n${printed.slice(-4_000)}`));
    });
  });
}

import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { App, type AppProps, CfnOutput, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { FeaturePipeline } from "../../lib/constructs/index.ts";

const FLIGHTS = fileURLToPath(new URL("../../examples/flights/definitions.ts", import.meta.url));

/** What a definitions file is named for where it says no more than that it is one. */
const GENERIC_NAMES = ["definitions", "index"];

/**
 * An app of one stack with one pipeline. Its context: `definitions`, the module (the flights example by default);
 * `stack`, the stack's name (by default that of the module, or of its folder); and for tests against servers that are
 * like AWS's, `keep`, `false` for a stack that takes its data along when it is destroyed, whose API takes over all at once
 * and whose history is JSON; `monitoring`, `false` for none.
 */
export function createPipelineApp(props: AppProps = {}): { readonly app: App; readonly stack: Stack } {
  const app = new App(props);
  const definitions = resolve(textContext(app, "definitions") ?? FLIGHTS);
  const isKept = textContext(app, "keep") !== "false";
  const name = nameOf(definitions);
  const stack = new Stack(app, textContext(app, "stack") ?? `Freshet${name}`, {
    description: `Freshet: features of ${basename(dirname(definitions))}/${basename(definitions)}`,
  });
  // The CDK has a function wait for its role and its role's policy, though it names the role.
  stack.templateOptions.metadata = { "cfn-lint": { config: { ignore_checks: ["W3005"] } } };
  const pipeline = new FeaturePipeline(stack, name, {
    definitions,
    ...(textContext(app, "monitoring") === "false" ? { monitoring: false } : {}),
    ...(isKept
      ? {}
      : {
          removalPolicy: RemovalPolicy.DESTROY,
          api: { deployment: "all-at-once" },
          history: { format: "json" },
        }),
  });
  new CfnOutput(stack, "ApiUrl", { value: pipeline.api.url });
  new CfnOutput(stack, "TableName", { value: pipeline.table.table.tableName });
  new CfnOutput(stack, "BucketName", { value: pipeline.bucket.bucketName });
  for (const { source, stream } of Object.values(pipeline.streams)) {
    new CfnOutput(stack, `StreamOf${source.replace(/[^A-Za-z0-9]/g, "")}`, { value: stream.streamName });
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}

function textContext(app: App, key: string): string | undefined {
  const value: unknown = app.node.tryGetContext(key);
  return value === undefined ? undefined : String(value);
}

/** `Flights` of `examples/flights/definitions.ts`, `Fraud` of `fraud.ts`. */
function nameOf(definitions: string): string {
  const own = basename(definitions, extname(definitions));
  const name = GENERIC_NAMES.includes(own) ? basename(dirname(definitions)) : own;
  const letters = name.replace(/[^A-Za-z0-9]/g, "");
  return `${letters.slice(0, 1).toUpperCase()}${letters.slice(1)}`;
}

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPipelineApp } from "../../bin/synthesis/pipeline-app.ts";
import { ORDERS } from "./fixtures/synthesise.ts";

/** Bytes that a bundle's own code may take; a growth beyond is to be decided, not to happen. */
const CODE_BUDGETS = {
  aggregate: 2_700_000,
  heartbeat: 1_100_000,
  "history-transform": 1_100_000,
  infer: 2_900_000,
  "mark-losses": 2_700_000,
} as const;

let folder: string;
let template: Template;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "freshet-app-"));
  // Functions are bundled, and cdk-nag is applied: a finding would throw.
  const { app, stack } = createPipelineApp({ outdir: folder, builtinCloudFormationValidation: false });
  app.synth();
  template = Template.fromStack(stack);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The files of a function's bundle by its name, with their bytes. */
function bundleOf(description: RegExp): { readonly path: string; readonly files: Record<string, number> } {
  const [found] = Object.values(
    template.findResources("AWS::Lambda::Function", {
      Properties: { Description: Match.stringLikeRegexp(description.source) },
    }),
  );
  const key = (found as { Properties: { Code: { S3Key: string } } }).Properties.Code.S3Key;
  const path = join(folder, `asset.${key.replace(".zip", "")}`);
  const files = Object.fromEntries(readdirSync(path).map((name) => [name, statSync(join(path, name)).size]));
  return { path, files };
}

const DESCRIPTIONS = {
  aggregate: /^Folds/,
  heartbeat: /^Heartbeats/,
  "history-transform": /^Checks/,
  infer: /^Serves/,
  "mark-losses": /^Marks/,
} as const;

describe("the app", () => {
  it("deploys the flights example, and says where things are", () => {
    template.resourceCountIs("AWS::Kinesis::Stream", 2);
    expect(Object.keys(template.findOutputs("*")).sort()).toEqual([
      "ApiUrl",
      "BucketName",
      "StreamOfarrivals",
      "StreamOfdepartures",
      "TableName",
    ]);
  });

  it("deploys other definitions by its context, under their name, and takes their data along when told to", () => {
    const { stack } = createPipelineApp({
      builtinCloudFormationValidation: false,
      context: { definitions: ORDERS, keep: "false", "aws:cdk:bundling-stacks": [] },
    });
    expect(stack.stackName).toBe("FreshetOrders");
    const orders = Template.fromStack(stack);
    orders.hasResource("AWS::Kinesis::Stream", { DeletionPolicy: "Delete" });
    orders.resourceCountIs("AWS::CodeDeploy::DeploymentGroup", 0);
  });
});

describe("the functions' bundles", () => {
  it.each(Object.entries(CODE_BUDGETS))("%s: its code is below %i bytes", (name, budget) => {
    const { files } = bundleOf(DESCRIPTIONS[name as keyof typeof DESCRIPTIONS]);
    expect(files["index.mjs"]).toBeGreaterThan(100_000);
    expect(files["index.mjs"]).toBeLessThan(budget);
  });

  it("are one file; that of the API with its models and one WebAssembly", () => {
    const names = (description: RegExp) => Object.keys(bundleOf(description).files).sort();
    for (const name of ["aggregate", "heartbeat", "history-transform", "mark-losses"] as const) {
      expect(names(DESCRIPTIONS[name])).toEqual(["index.mjs"]);
    }
    expect(names(DESCRIPTIONS.infer)).toEqual([
      "baseline.onnx",
      "index.mjs",
      "model.onnx",
      "ort-wasm-simd-threaded.wasm",
    ]);
    // Lambda unpacks 250 MB at most.
    const bytes = Object.values(bundleOf(DESCRIPTIONS.infer).files).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThan(20_000_000);
  });

  it.each(Object.keys(DESCRIPTIONS))("%s: needs no package beside it, and has a handler", async (name) => {
    const { path } = bundleOf(DESCRIPTIONS[name as keyof typeof DESCRIPTIONS]);
    const url = pathToFileURL(join(path, "index.mjs")).href;
    const module = (await import(/* @vite-ignore */ url)) as { handler: unknown };
    expect(module.handler).toBeTypeOf("function");
  });

  it("are shared by the sources: the aggregators' is one asset", () => {
    const keys = Object.values(template.findResources("AWS::Lambda::Function")).map(
      ({ Properties }) => Properties.Code.S3Key as string,
    );
    expect(keys).toHaveLength(8);
    expect(new Set(keys).size).toBe(5);
  });
});

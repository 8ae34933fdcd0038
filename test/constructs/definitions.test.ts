import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleFunction } from "../../lib/bundle/bundle-function.ts";
import { FeaturePipeline } from "../../lib/constructs/index.ts";
import { FLIGHTS, ORDERS, synthesise } from "./fixtures/synthesise.ts";

let folder: string;
beforeAll(() => {
  // Definitions that were never deployed: a lock file is written beside them, which CI does not.
  vi.stubEnv("CI", "");
  folder = mkdtempSync(join(tmpdir(), "freshet-definitions-"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const pipeline = (definitions: string | URL) =>
  synthesise((stack) => new FeaturePipeline(stack, "Pipeline", { definitions }));

const SOURCE = `
  import { z } from "zod";
  import { model, service, source, view } from "freshet-kit";
  const orders = source("orders", {
    schema: z.object({ id: z.string(), card: z.string(), at: z.number() }),
    partitionKey: "card", eventTime: "at", eventId: "id" });`;

describe("definitions at synthesis", () => {
  it("may be given by a file URL, and print what they like", () => {
    const path = file(
      "prints.ts",
      `${SOURCE}
      console.log("loaded"); process.stdout.write("{}");
      export const card = view("card", { version: 1, source: orders, entity: "card", sla: "2m",
        features: (t) => ({ orders: t.count().over("1h") }) });`,
    );
    const { built } = pipeline(pathToFileURL(path));
    expect(Object.keys(built.aggregators)).toEqual(["orders"]);
  });

  it("are refused with everything that freshet check finds, and its places", () => {
    const path = file(
      "wrong.ts",
      `${SOURCE}
      export const card = view("card", { version: 1, source: orders, entity: "cart", sla: "2m",
        features: (t) => ({ orders: t.count().over("1h") }) });
      export const total = view("total", { version: 1, source: orders, entity: [], sla: "2 m",
        features: (t) => ({ orders: t.count().over("1h") }) });`,
    );
    const message = (() => {
      try {
        pipeline(path);
        return "";
      } catch (error) {
        expect(error).toMatchObject({ name: "FreshetError", code: "DEFINITION_INVALID" });
        return (error as Error).message;
      }
    })();
    expect(message).toMatch(/wrong\.ts cannot be deployed:/);
    expect(message).toMatch(/wrong\.ts:7:\d+\n.*"cart"/);
    expect(message).toMatch(/wrong\.ts:9:\d+\n.*"2 m"/);
  });

  it("are refused when a model is not what its service gives it", () => {
    const path = file(
      "model.ts",
      `${SOURCE}
      const card = view("card", { version: 1, source: orders, entity: "card", sla: "2m",
        features: (t) => ({ orders: t.count().over("1h", "24h") }) });
      const checkout = service("checkout", { version: 1, views: { card },
        vector: ["card.orders_1h", "card.orders_24h"] });
      export const risk = model("risk", { service: checkout, file: "orders.onnx", output: "score", onStale: "reject" });`,
    );
    cpSync(join(dirname(ORDERS), "orders.onnx"), join(folder, "orders.onnx"));
    expect(() => pipeline(path)).toThrow(/model "?risk"?/);
  });

  it("that are not there, or end the program, are told apart", () => {
    expect(() => pipeline(join(folder, "absent.ts"))).toThrow(/absent\.ts: there is no such file/);
    expect(() => pipeline(file("ends.ts", `${SOURCE}\nprocess.exit(3);`))).toThrow(
      /ends\.ts: the program that checks definitions ended with 3/,
    );
  });

  it("warn of what may surprise, once, with its place", () => {
    const { stack } = pipeline(FLIGHTS);
    const warnings = stack.node
      .findAll()
      .flatMap(({ node }) => node.metadata.map((entry) => ({ path: node.path, ...entry })))
      .filter(({ type, data }) => type === "aws:cdk:warning" && String(data).includes("item-full"));
    expect(warnings.map(({ path }) => path)).toEqual(["Test/Pipeline"]);
    // The CDK prints the severity itself.
    expect(warnings[0]!.data).toMatch(
      /^examples\/flights\/definitions\.ts:\d+:\d+: view destination_arrivals@1: an item /,
    );
  });
});

describe("bundling at synthesis", () => {
  const model = (modelFile: string) => () =>
    bundleFunction({ name: "infer", definitionsFile: ORDERS, modelFiles: [modelFile] }, folder);

  it.each(["../orders.onnx", "/orders.onnx", "index.mjs"])("refuses a model at %s", (modelFile) => {
    expect(model(modelFile)).toThrow(/must lie in the definitions' folder or below/);
  });

  it("says that a model is not there", () => {
    expect(model("absent.onnx")).toThrow(/model file .*absent\.onnx cannot be read/);
  });

  it("names the place of what cannot be bundled", () => {
    const definitionsFile = file("broken.ts", 'import "./nowhere.ts";');
    expect(() =>
      bundleFunction({ name: "aggregate", definitionsFile, modelFiles: [] }, join(folder, "out")),
    ).toThrow(/function aggregate with definitions .*broken\.ts could not be bundled: .*broken\.ts:1:8: /);
  });
});

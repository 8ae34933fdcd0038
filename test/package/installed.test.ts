import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { install, type StrangersFolder, strangersFolder } from "./stranger.ts";

const tarball = inject("tarball");
const { devDependencies } = packageJson;
const at = (name: keyof typeof devDependencies) => `${name}@${devDependencies[name]}`;

/** As strict as a user can be, the kit's declarations included. */
const STRICT = {
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
};

/** Made once: the command is asked for in it too. */
let made: Promise<StrangersFolder> | null = null;
function appFolder(): Promise<StrangersFolder> {
  made ??= makeApp();
  return made;
}
afterAll(async () => (await made)?.remove());

async function makeApp(): Promise<StrangersFolder> {
  const app = await strangersFolder("cdk-app");
  await install(
    app,
    tarball,
    "zod",
    at("aws-cdk-lib"),
    at("constructs"),
    at("tsx"),
    at("typescript"),
    at("@types/node"),
  );
  return app;
}

describe("a stranger's CDK app", () => {
  let app: StrangersFolder;
  beforeAll(async () => {
    app = await appFolder();
  });

  it("composes FeaturePipeline with its own stream and bucket beside its own resources, in 20 lines, and synthesises", async () => {
    const lines = (await readFile(join(app.folder, "app.ts"), "utf8")).trim().split("\n");
    expect(lines.length).toBeLessThanOrEqual(20);
    // The CDK's own command names the folder so.
    await app.run("env", "CDK_OUTDIR=cdk.out", "npx", "tsx", "app.ts");
    const template = JSON.parse(await readFile(join(app.folder, "cdk.out/Shop.template.json"), "utf8"));
    const resources = Object.values(
      template.Resources as Record<string, { Type: string; Properties: object }>,
    );
    const types = resources.map(({ Type }) => Type);
    expect(types).toEqual(
      expect.arrayContaining([
        "AWS::SNS::Topic",
        "AWS::CloudWatch::Alarm",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Url",
        "AWS::KinesisFirehose::DeliveryStream",
      ]),
    );
    expect(types).not.toContain("AWS::Kinesis::Stream");
    expect(types).not.toContain("AWS::S3::Bucket");
    expect(JSON.stringify(template)).toContain("stream/orders");
    // Bundles that Lambda could load: nothing of the package is left to be resolved.
    const assets = (await readdir(join(app.folder, "cdk.out"))).filter((name) => name.startsWith("asset."));
    expect(assets.length).toBeGreaterThanOrEqual(3);
    for (const asset of assets) {
      const bundle = join(app.folder, "cdk.out", asset, "index.mjs");
      expect(await readFile(bundle, "utf8"), asset).not.toMatch(/from\s*"(freshet-kit|zod|@aws-sdk)/);
    }
  });

  it("compiles, with everything that it imports of the kit", async () => {
    await writeFile(join(app.folder, "tsconfig.json"), JSON.stringify(STRICT));
    await app.run("npx", "tsc");
  });
});

describe("a stranger's vitest suite", () => {
  let shop: StrangersFolder;
  beforeAll(async () => {
    shop = await strangersFolder("stranger");
    const mock = [at("aws-sdk-client-mock"), "@aws-sdk/client-kinesis"];
    await install(shop, tarball, "zod", ...mock, at("vitest"), at("typescript"), at("@types/node"));
  });
  afterAll(() => shop?.remove());

  it("passes, with its client stubbed, and without the CDK", async () => {
    expect(await readdir(join(shop.folder, "node_modules"))).not.toContain("aws-cdk-lib");
    await shop.run("npx", "vitest", "run", "--reporter=json", "--outputFile=report.json");
    const report = JSON.parse(await readFile(join(shop.folder, "report.json"), "utf8"));
    expect(report).toMatchObject({ numPassedTests: 3, numTotalTests: 3 });
    const [file] = report.testResults;
    const tests = file.assertionResults as { title: string; duration: number }[];
    console.log(tests.map(({ title, duration }) => `${Math.round(duration)} ms ${title}`).join("\n"));
  });

  it("is not needed for a script of CommonJS modules, which requires the package", async () => {
    expect(await shop.run("node", "script.cjs")).toBe('{"spend_10m":20} fresh\n');
  });

  it("compiles against the package's types, where a name that is misspelt does not", async () => {
    await writeFile(join(shop.folder, "tsconfig.json"), JSON.stringify(STRICT));
    await shop.run("npx", "tsc");
    const wrong = [
      'import { testPipeline } from "freshet-kit/testing";',
      'import * as definitions from "./definitions.ts";',
      "const pipeline = await testPipeline({ definitions });",
      'const { features } = await pipeline.read(definitions.customer, { customer: "ann" });',
      "console.log(features.orders_2h);",
    ];
    await writeFile(join(shop.folder, "wrong.ts"), wrong.join("\n"));
    await expect(shop.run("npx", "tsc")).rejects.toThrow("orders_2h");
  });
});

describe("a project that freshet init makes", () => {
  let project: StrangersFolder;
  beforeAll(async () => {
    const app = await appFolder();
    await app.run("npx", "freshet", "init", "card-risk", "--json");
    project = app.within("card-risk");
    // The tarball in place of the version that the registry will have.
    const file = join(project.folder, "package.json");
    const own = JSON.parse(await readFile(file, "utf8"));
    own.dependencies["freshet-kit"] = `file:${tarball}`;
    await writeFile(file, JSON.stringify(own, null, 2));
    await install(project);
  });

  it("runs by npm start, which ends by itself with --once", async () => {
    const printed = await project.run("npm", "start", "--", "--once");
    expect(printed).toMatch(/card c1: score 0\.\d{3}, lag \d+ ms, warming/);
  });

  it("passes its npm test, and compiles", async () => {
    expect(await project.run("npm", "test")).toContain("3 passed");
    await project.run("npm", "run", "typecheck");
  });

  it("is synthesised by npx cdk", async () => {
    await project.run("npx", "cdk", "synth", "--quiet", "--no-notices");
    const template = JSON.parse(
      await readFile(join(project.folder, "cdk.out/CardRisk.template.json"), "utf8"),
    );
    const types = Object.values(template.Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    expect(types).toContain("AWS::Kinesis::Stream");
    expect(types).toContain("AWS::DynamoDB::GlobalTable");
  });

  it("has the command, which knows its version, checks definitions and prices them", async () => {
    const freshet = (...parameters: string[]) => project.run("npx", "freshet", ...parameters);
    expect((await freshet("--version")).trim()).toBe(packageJson.version);
    expect(await freshet("check", "definitions.ts", "--frozen")).toContain("no problems");
    expect(await freshet("cost", "definitions.ts", "--events-per-second", "10")).toContain("a month");
  });
});

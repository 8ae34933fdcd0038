import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProject, nameProblem } from "../../bin/init/create-project.ts";
import packageJson from "../../package.json" with { type: "json" };
import { run } from "./run-command.ts";

const FILES = [
  ".gitignore",
  "README.md",
  "app.ts",
  "cdk.json",
  "definitions.lock.json",
  "definitions.ts",
  "features.test.ts",
  "package.json",
  "risk.onnx",
  "start.ts",
  "tsconfig.json",
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-init-"));
  vi.spyOn(process, "cwd").mockReturnValue(folder);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** What it makes is run by test/package, from the tarball. */
describe("freshet init", () => {
  it("makes a project under its name, which check finds nothing wrong with", async () => {
    const { exitCode, printed, errors } = await run("init", "card-risk");
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
    expect(printed).toContain("cd card-risk && npm install");
    expect((await readdir(join(folder, "card-risk"))).sort()).toEqual([...FILES].sort());
    const own = JSON.parse(await readFile(join(folder, "card-risk/package.json"), "utf8"));
    expect(own).toMatchObject({
      name: "card-risk",
      dependencies: { "freshet-kit": `^${packageJson.version}` },
    });
    for (const range of Object.values({ ...own.dependencies, ...own.devDependencies })) {
      expect(range).toMatch(/^\^?\d+\.\d+\.\d+$/);
    }
    expect(await readFile(join(folder, "card-risk/app.ts"), "utf8")).toContain('new Stack(app, "CardRisk")');
    for (const file of FILES.filter((each) => !each.endsWith(".onnx"))) {
      expect(await readFile(join(folder, "card-risk", file), "utf8"), file).not.toMatch(
        /my-features|MyFeatures/,
      );
    }
    const check = await run("check", join(folder, "card-risk/definitions.ts"), "--frozen", "--json");
    expect(JSON.parse(check.printed)).toMatchObject({ errors: 0, warnings: 0 });
  });

  it("has an app that says, once it is deployed, what to put to, ask and look into", {
    timeout: 60_000,
  }, async () => {
    // The CDK's own command names the folder so, and an app is synthesised when its process has nothing left to do.
    vi.stubEnv("CDK_OUTDIR", join(folder, "cdk.out"));
    vi.stubEnv("CI", "");
    const once = vi.spyOn(process, "once");
    await import("../../bin/init/template/app.ts");
    const [, synthesise] = once.mock.calls.find(([event]) => event === "beforeExit")!;
    synthesise(0);
    vi.unstubAllEnvs();
    const { Outputs, Resources } = JSON.parse(
      await readFile(join(folder, "cdk.out/MyFeatures.template.json"), "utf8"),
    );
    const typeOf = (output: string) => {
      const { Ref, "Fn::GetAtt": attribute } = Outputs[output].Value;
      return Resources[Ref ?? attribute[0]].Type;
    };
    expect(Object.keys(Outputs).sort()).toEqual(["ApiUrl", "BucketName", "StreamOfpayments", "TableName"]);
    expect(typeOf("ApiUrl")).toBe("AWS::Lambda::Url");
    expect(typeOf("StreamOfpayments")).toBe("AWS::Kinesis::Stream");
    expect(typeOf("TableName")).toBe("AWS::DynamoDB::GlobalTable");
    expect(typeOf("BucketName")).toBe("AWS::S3::Bucket");
    const readme = await readFile(new URL("../../bin/init/template/README.md", import.meta.url), "utf8");
    for (const output of Object.keys(Outputs)) expect(readme).toContain(output);
  });

  it("prints one JSON object", async () => {
    const { printed } = await run("init", "shop", "--json");
    const { folder: made, files } = JSON.parse(printed);
    expect(made).toBe(join(folder, "shop"));
    expect(files).toEqual([...FILES].sort());
  });

  it("takes an empty folder, and leaves one alone that holds something, or a file", async () => {
    await mkdir(join(folder, "empty"));
    expect((await run("init", "empty")).exitCode).toBe(0);
    const again = await run("init", "empty");
    expect(again.exitCode).toBe(1);
    expect(again.errors).toMatch(
      /^freshet: .*empty holds .gitignore, README.md, app.ts, ...; a project is made/,
    );
    await writeFile(join(folder, "file"), "mine");
    expect((await run("init", "file")).exitCode).toBe(1);
    expect(await readFile(join(folder, "file"), "utf8")).toBe("mine");
  });

  it("takes a folder that holds a repository and its licence, and leaves both as they are", async () => {
    await mkdir(join(folder, "cloned/.git"), { recursive: true });
    await writeFile(join(folder, "cloned/.git/HEAD"), "ref: refs/heads/main\n");
    await writeFile(join(folder, "cloned/LICENSE"), "mine");
    expect(await run("init", "cloned")).toMatchObject({ exitCode: 0, errors: "" });
    expect((await readdir(join(folder, "cloned"))).sort()).toEqual([".git", "LICENSE", ...FILES].sort());
    expect(await readdir(join(folder, "cloned/.git"))).toEqual(["HEAD"]);
    expect(await readFile(join(folder, "cloned/LICENSE"), "utf8")).toBe("mine");
  });

  it("overwrites nothing of a repository: not its README.md, and not its .gitignore", async () => {
    for (const file of ["README.md", ".gitignore"]) {
      const repository = join(folder, `with-${file.replace(/\W/g, "").toLowerCase()}`);
      await mkdir(join(repository, ".git"), { recursive: true });
      await writeFile(join(repository, file), "mine");
      const name = repository.slice(folder.length + 1);
      const { exitCode, errors } = await run("init", name);
      expect(exitCode).toBe(1);
      expect(errors).toContain(`holds ${file}; a project is made in a new or an empty folder`);
      expect((await readdir(repository)).sort()).toEqual([".git", file].sort());
      expect(await readFile(join(repository, file), "utf8")).toBe("mine");
    }
  });

  it.each(["", "My-Features", "1st", "a--b", "a-", "../a", "a b", "a".repeat(65)])(
    "refuses the name %j as wrong usage",
    async (name) => {
      expect((await run("init", name)).exitCode).toBe(2);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it("has a template whose own name is one", async () => {
    expect(nameProblem("my-features")).toBeNull();
    await createProject("my-features", join(folder, "same"));
    const template = fileURLToPath(new URL("../../bin/init/template/README.md", import.meta.url));
    expect(await readFile(join(folder, "same/README.md"), "utf8")).toBe(await readFile(template, "utf8"));
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const tarball = inject("tarball");
const execute = promisify(execFile);

/** One folder a function. */
const functions = (await readdir(join(ROOT, "functions"), { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What a release may weigh. Raise them knowingly. */
const MAX_TARBALL_BYTES = 750_000;
const MAX_FILES = 1_300;

describe("what npm packs", () => {
  it("keeps to its budget", async () => {
    const { size } = await stat(tarball);
    const files = await contents();
    console.log(`${size} bytes in ${files.length} files`);
    expect(size).toBeLessThan(MAX_TARBALL_BYTES);
    expect(files.length).toBeLessThan(MAX_FILES);
  });

  it("is JavaScript with types, the template of a project, and nothing that only development needs", async () => {
    const files = await contents();
    const unknown = files.filter(
      (file) =>
        !/^package\/(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(file) &&
        !/^package\/dist\/(lib|bin|functions)\/.+\.(js|d\.ts)$/.test(file) &&
        !/^package\/dist\/lib\/local\/dashboard\/styles\/\w+\.css$/.test(file) &&
        !/^package\/dist\/bin\/init\/template\/[\w.-]+$/.test(file) &&
        !/^package\/docs\/.+\.(md|svg)$/.test(file),
    );
    expect(unknown).toEqual([]);
    for (const { types, default: module } of Object.values(packageJson.exports).filter(
      (each) => typeof each === "object",
    )) {
      expect(files).toContain(`package/${types.slice(2)}`);
      expect(files).toContain(`package/${module.slice(2)}`);
    }
    for (const name of functions) {
      expect(files).toContain(`package/dist/functions/${name}/index.js`);
    }
  });

  it("has every page of the docs that its README leads to", async () => {
    const files = await contents();
    const readme = await readFile(join(ROOT, "README.md"), "utf8");
    const pages = [...readme.matchAll(/\]\((docs\/[^)#]+)/g)].map(([, page]) => `package/${page}`);
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter((page) => !files.includes(page))).toEqual([]);
  });

  it("is what publint and are-the-types-wrong want", async () => {
    const { messages, pkg } = await publint({ strict: true, pack: { tarball: await bytes() } });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    const attw = fileURLToPath(new URL("node_modules/@arethetypeswrong/cli/dist/index.js", `file://${ROOT}`));
    await execute(process.execPath, [attw, tarball, "--profile", "esm-only", "--format", "ascii"]).catch(
      ({ stdout }) => expect.fail(stdout),
    );
  });
});

describe("what the package's modules import", () => {
  const { dependencies, peerDependencies, exports } = packageJson;
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  const entries = Object.values(exports).filter((each) => typeof each === "object");
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "freshet-tarball-"));
    await execute("tar", ["xzf", tarball, "-C", folder]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const undeclared = (imports: Iterable<string>) =>
    [...imports].filter((name) => !name.startsWith("node:") && !declared.has(packageOf(name)));

  it("is of packages that it declares", async () => {
    const { metafile } = await build({
      entryPoints: [
        ...entries.map((each) => join(folder, "package", each.default)),
        ...functions.map((name) => join(folder, `package/dist/functions/${name}/index.js`)),
        ...["freshet", "describe-deployment"].map((name) => join(folder, `package/dist/bin/${name}.js`)),
      ],
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      metafile: true,
      write: false,
      outdir: folder,
    });
    const imports = new Set(
      Object.values(metafile.inputs).flatMap((input) =>
        input.imports.filter(({ external }) => external).map(({ path }) => path),
      ),
    );
    expect(imports.size).toBeGreaterThan(20);
    imports.delete("freshet:definitions");
    expect(undeclared(imports)).toEqual([]);
  });

  it("is so in its types too, whose packages of types a user gets as well", async () => {
    const imports = new Set<string>();
    const seen = new Set<string>();
    const visit = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const code = (await readFile(file, "utf8")).replace(/\/\*[\s\S]*?\*\//g, "");
      for (const [, name] of code.matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
        if (name!.startsWith(".")) await visit(join(dirname(file), name!.replace(/\.js$/, ".d.ts")));
        else imports.add(declared.has(`@types/${name}`) ? `@types/${name}` : name!);
      }
    };
    for (const { types } of entries) await visit(join(folder, "package", types));
    expect(seen.size).toBeGreaterThan(50);
    expect(undeclared(imports)).toEqual([]);
  });
});

function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

async function contents(): Promise<readonly string[]> {
  const { stdout } = await execute("tar", ["tzf", tarball]);
  return stdout.trim().split("\n");
}

async function bytes(): Promise<ArrayBuffer> {
  const file = await readFile(tarball);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
}

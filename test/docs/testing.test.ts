import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { faultKinds } from "../../lib/testing/faults/fault.ts";
import { codeBlocks, ROOT } from "./code-blocks.ts";

const page = "docs/testing.md";

it("docs/testing.md: its suites pass as they stand", async () => {
  const markdown = await readFile(join(ROOT, page), "utf8");
  const modules = codeBlocks(page, markdown).filter(({ language }) => language === "ts");
  expect(modules.map(({ name }) => name)).toEqual(["definitions", "features.test", "producer.test"]);
  // Inside the package, so that "freshet-kit" is this package; not in node_modules, where vitest looks for no tests.
  const ignored = join(ROOT, "dist");
  await mkdir(ignored, { recursive: true });
  const folder = await mkdtemp(join(ignored, "testing-"));
  try {
    for (const { name, text } of modules) await writeFile(join(folder, `${name}.ts`), text);
    // Only what names the kit: its users need no configuration.
    await writeFile(
      join(folder, "vitest.config.ts"),
      `import config from ${JSON.stringify(join(ROOT, "vitest.config.ts"))};\nexport default { resolve: config.resolve };\n`,
    );
    await promisify(execFile)(
      process.execPath,
      [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--reporter=json", "--outputFile=report.json"],
      { cwd: folder },
    ).catch(({ stdout, stderr }) => expect.fail(`${stdout}${stderr}`));
    const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8"));
    expect(report).toMatchObject({ numPassedTests: 6, numTotalTests: 6 });
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);

it("docs/testing.md: its table of faults names them all", async () => {
  const rows = [...(await readFile(join(ROOT, page), "utf8")).matchAll(/^\| `([a-z-]+)` +\|/gm)];
  expect(rows.map(([, kind]) => kind)).toEqual(faultKinds);
});

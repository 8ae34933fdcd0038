import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { codeBlocks, ROOT } from "./code-blocks.ts";

const page = "docs/local.md";

it("docs/local.md: its two modules run as they stand, and print what it says", async () => {
  const markdown = await readFile(join(ROOT, page), "utf8");
  const modules = codeBlocks(page, markdown).filter(({ language }) => language === "ts");
  expect(modules.map(({ name }) => name)).toEqual(["shop", "start"]);
  // Inside the package, so that "freshet-kit" is this package; not in node_modules, where tsx takes no paths.
  const ignored = join(ROOT, "dist");
  await mkdir(ignored, { recursive: true });
  const folder = await mkdtemp(join(ignored, "local-"));
  try {
    // Only what names the kit: its users need no configuration.
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(ROOT, "tsconfig.json") }));
    for (const { name, text } of modules) await writeFile(join(folder, `${name}.ts`), text);
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "start.ts"], {
      cwd: folder,
      // The lock file is written, as on the machine of who follows the page.
      env: { ...process.env, CI: "false" },
    });
    const printed = /prints `([^`]+)`/.exec(markdown)?.[1];
    expect(stdout).toBe(`${printed}\n`);
    const lock = JSON.parse(await readFile(join(folder, "shop.lock.json"), "utf8"));
    expect(JSON.stringify(lock)).toContain("customer@1");
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);

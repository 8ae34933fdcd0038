import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { codeBlocks, ROOT } from "./code-blocks.ts";
import { createFolderInPackage } from "./compile.ts";

const page = "docs/local.md";

it("docs/local.md: its two modules run as they stand, and print what it says", async () => {
  const markdown = await readFile(join(ROOT, page), "utf8");
  const modules = codeBlocks(page, markdown).filter(({ language }) => language === "ts");
  expect(modules.map(({ name }) => name)).toEqual(["shop", "start"]);
  const { folder, remove } = await createFolderInPackage();
  try {
    // As npm would have made it: a folder of modules, with the kit installed.
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    await mkdir(join(folder, "node_modules"));
    await symlink(ROOT, join(folder, "node_modules/freshet-kit"));
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
    await remove();
  }
}, 300_000);

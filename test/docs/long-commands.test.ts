import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { codeBlocks, commandsOf, ROOT } from "./code-blocks.ts";

/** Pages of commands that take minutes: the commands' own tests run them small. */
const PAGES = ["docs/simulation.md", "docs/soak.md", "docs/performance.md"] as const;

const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

const npm = async (args: readonly string[]) => {
  const { stdout } = await promisify(execFile)("npm", [...args], { cwd: ROOT });
  return stdout;
};

describe.each(PAGES)("the commands of %s", (page) => {
  it("are scripts of the package, with options that they have", async () => {
    const markdown = await readFile(join(ROOT, page), "utf8");
    const blocks = codeBlocks(page, markdown).filter(({ language }) => language === "sh");
    const commands = blocks.flatMap(commandsOf).map((line) => line.replace(/\s+#.*$/, ""));
    expect(commands.length).toBeGreaterThan(0);
    const helps = new Map<string, string>();
    for (const command of commands) {
      const [, script, rest = ""] = /^npm run (\S+)(?: --(?: (.*))?)?$/.exec(command) ?? [];
      expect(Object.keys(scripts), command).toContain(script);
      const name = /^[a-z]\S*/.exec(rest)?.[0];
      const asked = ["run", "--silent", script!, "--", ...(name === undefined ? [] : [name]), "--help"];
      const key = asked.join(" ");
      helps.set(key, helps.get(key) ?? (await npm(asked)));
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(helps.get(key), command).toContain(option);
    }
  }, 300_000);
});

it("the one world of docs/simulation.md passes", async () => {
  const command = "npm run simulate -- --seeds 1 --from 4711";
  expect(await readFile(join(ROOT, "docs/simulation.md"), "utf8")).toContain(command);
  expect(await npm(command.split(" ").slice(1))).toContain("every world is as one pass makes it");
}, 300_000);

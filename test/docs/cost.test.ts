import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { US_EAST_1, withPriceFile } from "../../lib/cost/index.ts";
import { codeBlocks, ROOT } from "./code-blocks.ts";

const page = await readFile(join(ROOT, "docs/cost.md"), "utf8");

it("docs/cost.md: its table is the price file, with its day", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d.]+) \| (.+) \| \[\w+\]\((.+)\) \|$/gm)];
  const listed = rows.map(([, name, usd, unit, source]) => [name, { usd: Number(usd), unit, page: source }]);
  expect(Object.fromEntries(listed)).toEqual(US_EAST_1.prices);
  expect(page).toContain(`as of ${US_EAST_1.date}.`);
});

it("docs/cost.md: its price file is taken", () => {
  const [file] = codeBlocks("docs/cost.md", page).filter(({ language }) => language === "json");
  expect(withPriceFile(US_EAST_1, JSON.parse(file!.text), "prices.json").region).toBe("eu-west-1");
});

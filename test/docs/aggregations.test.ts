import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aggregationsPage } from "../../bin/docs/aggregations-page.ts";
import { aggregations } from "../../lib/engine/aggregations/registry.ts";
import { ROOT } from "./code-blocks.ts";

describe("the page of aggregations", () => {
  it("is what `npm run docs:aggregations` writes", async () => {
    expect(await readFile(join(ROOT, "docs/aggregations.md"), "utf8")).toBe(aggregationsPage());
  });

  it("has a row for every aggregation, with every cell filled but settings", () => {
    const rows = aggregationsPage()
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
    for (const name of Object.keys(aggregations)) {
      const row = rows.find(([first]) => first === `\`${name}\``);
      expect(row, name).toHaveLength(7);
      expect(
        row!.filter((cell, index) => cell === "" && index !== 2),
        name,
      ).toEqual([]);
      expect(row![5]).toMatch(/^\d+, at most [\d,]+/);
    }
  });
});

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { conformancePage } from "./page/conformance-page.ts";
import { checksTable } from "./page/tables.ts";
import { MINISTACK } from "./servers/ministack-server.ts";
import { streamDeviations } from "./servers/stream-deviations.ts";
import { tableDeviations } from "./servers/table-deviations.ts";
import { streamSuite } from "./stream/checks.ts";
import { tableSuite } from "./table/checks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

describe("the page of conformance", () => {
  it("is what `npm run docs:conformance` writes", async () => {
    expect(await readFile(`${ROOT}docs/conformance.md`, "utf8")).toBe(conformancePage());
  });

  it("has a row for every check, a column for every server with deviations, and a no for each of those", () => {
    const page = conformancePage();
    const rows = page.split("\n").filter((line) => line.startsWith("| "));
    for (const { title, documented } of [...tableSuite, ...streamSuite]) {
      const row = rows.filter((line) => line.startsWith(`| ${title} | [`));
      expect(row, title).toHaveLength(1);
      expect(row[0], title).toContain(documented.url);
    }
    const deviations = [...Object.values(tableDeviations), ...Object.values(streamDeviations)];
    const declared = deviations.flatMap((each) => Object.keys(each)).length;
    expect(page.split("**no:**")).toHaveLength(declared + 1);
    expect(Object.keys(tableDeviations).sort()).toEqual(["DynamoDB Local", "dynalite", MINISTACK]);
    expect(Object.keys(streamDeviations).sort()).toEqual(["kinesalite", MINISTACK]);
  });

  it("names tests that there are", () => {
    const named = [...conformancePage().matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(5);
    for (const path of named) expect(existsSync(ROOT + path), path).toBe(true);
  });
});

describe("a table of checks", () => {
  const documented = { name: "PutItem", url: "https://docs.example/PutItem" };
  const check = (title: string) => ({ title, documented, observe: async () => 1, expected: 1 });

  it("says where a server differs and why, and counts", () => {
    const table = checksTable({
      heading: "relied on",
      checks: [check("a"), check("b")],
      columns: [
        { heading: "one", servers: ["one"] },
        { heading: "two", servers: ["two", "two, set otherwise"] },
      ],
      deviations: {
        one: { b: { observed: 2, because: "it cannot" } },
        "two, set otherwise": { a: { observed: 2, because: "it will not" } },
      },
    });
    expect(table.split("\n")).toEqual([
      "| relied on | AWS's page | one | two |",
      "| --- | --- | --- | --- |",
      "| a | [PutItem](https://docs.example/PutItem) | yes | **no:** it will not |",
      "| b | [PutItem](https://docs.example/PutItem) | **no:** it cannot | yes |",
      "| as AWS documents |  | 1 of 2 | 1 of 2 |",
    ]);
  });
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mutants } from "./mutant.ts";
import type { MutantResult } from "./results.ts";

const BEGIN = "<!-- mutants: written by npm run simulate -- --mutants -->";
const END = "<!-- end of mutants -->";

/** Puts the table of mutants into docs/simulation.md, between its marks. */
export async function writeTable(root: string, results: readonly MutantResult[]): Promise<void> {
  const path = join(root, "docs/simulation.md");
  const text = await readFile(path, "utf8");
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${path} has no marks for the table of mutants.`);
  await writeFile(path, `${text.slice(0, begin)}${BEGIN}\n${tableOf(results)}\n${text.slice(end)}`);
}

function tableOf(results: readonly MutantResult[]): string {
  const rows = mutants.map(({ name, what, faults }) => {
    const found = results.find((result) => result.name === name);
    const caughtBy = found === undefined ? "not run" : (found.caughtBy ?? "none");
    const passes = { true: "pass", false: "fail", null: "not run" }[String(found?.passesUnitTests ?? null)];
    const worlds = faults === undefined ? "all" : faults.join(", ");
    return `| \`${name}\` | ${what} | ${worlds} | ${caughtBy} | ${found?.invariant ?? ""} | ${passes} |`;
  });
  return [
    "| mutant | what it breaks | faults of its worlds | caught by seed | the rule that tells | unit tests |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

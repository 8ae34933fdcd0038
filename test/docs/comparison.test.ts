import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ROOT } from "./code-blocks.ts";

const page = "docs/comparison.md";
const markdown = await readFile(join(ROOT, page), "utf8");

describe(page, () => {
  it("cites sources that it lists, each with a link, and all of them", () => {
    const [text, list] = markdown.split("## Sources\n");
    const cited = new Set([...text!.matchAll(/\[(\d+)\](?!\()/g)].map(([, number]) => Number(number)));
    const listed = [...list!.matchAll(/^(\d+)\. \[[^\]]+\]\(https:/gm)].map(([, number]) => Number(number));
    expect([...cited].sort((left, right) => left - right)).toEqual(listed);
    expect(listed).toEqual(Array.from({ length: listed.length }, (_, at) => at + 1));
  });

  it("says of every tool when to choose it, and when Freshet", () => {
    const [, ...sections] = markdown.split(/^## /m);
    for (const tool of ["Chronon", "Feast", "Tecton", "Hopsworks", "A Flink job"]) {
      const section = sections.find((each) => each.startsWith(`${tool}\n`));
      expect(section, tool).toMatch(/^Choose (?!Freshet)[\s\S]*Choose Freshet/m);
    }
  });

  it("has its figures from where they were measured", async () => {
    const measured = await readFile(join(ROOT, "docs/performance.md"), "utf8");
    const [, figures] = /## What was measured\n([\s\S]*?)\n## /.exec(markdown)!;
    const numbers = [...figures!.matchAll(/\b\d+(?:,\d{3})+|\b\d+\.\d+(?:\.\d+)?/g)].map(
      ([number]) => number,
    );
    expect(numbers.length).toBeGreaterThan(7);
    for (const number of numbers) expect(measured).toContain(number);
  });

  it("tells what a month without events costs as the command does", async () => {
    const [, total, streams] =
      /: (\d+) USD a month for the flights example, of which two on-demand streams (\d+)/.exec(markdown)!;
    const { stdout } = await promisify(execFile)(
      "npm",
      [
        ...["run", "--silent", "freshet", "--", "cost", "examples/flights/definitions.ts"],
        ...["--events-per-second", "0", "--predictions-per-second", "0"],
      ],
      { cwd: ROOT },
    );
    expect(stdout).toMatch(new RegExp(`^\\$${total}\\.`));
    expect(stdout).toMatch(new RegExp(`\\$${streams}\\.\\d\\d +Kinesis, streams`));
  }, 300_000);
});

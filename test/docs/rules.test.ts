import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./code-blocks.ts";

const markdown = await readFile(join(ROOT, "docs/rules.md"), "utf8");

/** Rules that no test can hold yet: their sections say so. */
const NOT_IN_THIS_RELEASE = new Set(["R10"]);

const sections = [...markdown.matchAll(/^## (R\d+) (.*)\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(
  ([, rule, title, text]) => ({ rule: rule!, title: title!, text: text! }),
);

describe("docs/rules.md", () => {
  it("has every rule once, in order", () => {
    expect(sections.map(({ rule }) => rule)).toEqual(Array.from({ length: 15 }, (_, at) => `R${at + 1}`));
  });

  it.each(sections)("$rule names tests that are there", async ({ rule, text }) => {
    const tests = [...text.matchAll(/\[(test\/[^\]]+)\]\(([^)]+)\)/g)];
    if (NOT_IN_THIS_RELEASE.has(rule)) {
      expect(text).toMatch(/not in this release/i);
      expect(tests).toEqual([]);
      return;
    }
    expect(tests).not.toEqual([]);
    for (const [, path, target] of tests) {
      expect(target).toBe(`../${path}`);
      expect(path).toMatch(/\.test(-d)?\.ts$/);
      expect((await readFile(join(ROOT, path!), "utf8")).length).toBeGreaterThan(0);
    }
    const named = [...text.matchAll(/^- \[(test\/[^\]]+)\]\([^)]+\): "(.*)"$/gm)];
    expect(named).not.toEqual([]);
    // By what its name begins with: a test that is renamed or taken away is missed.
    for (const [, path, title] of named) {
      const titles = [
        ...(await readFile(join(ROOT, path!), "utf8")).matchAll(
          /\b(?:it|test|describe)\b[^"`]*?["`]([^"`]+)/g,
        ),
      ].map(([, each]) => each!);
      expect(
        titles.filter((each) => each.startsWith(title!)),
        `${path}: ${title}`,
      ).not.toEqual([]);
    }
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeBlocks, ROOT } from "./code-blocks.ts";

const page = await readFile(join(ROOT, "docs/error-codes.md"), "utf8");

describe("the reference of error codes", () => {
  it("has every code of lib/define/error.ts, in its order, with when and what to do", async () => {
    const source = await readFile(join(ROOT, "lib/define/error.ts"), "utf8");
    const [, union] = /export type FreshetErrorCode =([\s\S]*?);/.exec(source)!;
    const codes = [...union!.matchAll(/\| "([A-Z_]+)"/g)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(20);
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.+) \|$/gm)].map(([, ...cells]) => cells);
    expect(rows.map(([code]) => code)).toEqual(codes);
    for (const [code, when, remedy] of rows) {
      expect(when!.length, code).toBeGreaterThan(10);
      expect(remedy!.length, code).toBeGreaterThan(10);
    }
  });

  it("shows an example that prints what its comment says", async () => {
    const [example] = codeBlocks("docs/error-codes.md", page);
    const [, comment] = /\/\/ (.*) \.\.\.$/m.exec(example!.text)!;
    const { FreshetError, parseDuration } = await import("../../lib/index.ts");
    let shown = "";
    const body = example!.text.replace(/^import .*$/m, "").replace(/ as "5m"/, "");
    new Function("FreshetError", "parseDuration", "console", body)(FreshetError, parseDuration, {
      error: (...parts: string[]) => {
        shown = parts.join(" ");
      },
    });
    expect(shown.startsWith(comment!)).toBe(true);
  });
});

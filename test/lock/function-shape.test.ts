import { transformSync } from "esbuild";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composedFunction } from "../../lib/define/function-source.ts";
import { functionShape } from "../../lib/lock/function-shape.ts";

/** A function of a text, beside names of the module that it stands in. */
const made = (text: string) => new Function(`return (${text});`)();
const shape = (text: string) => JSON.stringify(functionShape(made(text)));

/** The text as a bundler leaves it that has such a name at the top already. */
function bundled(text: string, ...names: readonly string[]): string {
  const { code } = transformSync(
    `const ${names.map((name) => `${name} = 0`).join(", ")};\nexport default ${text};`,
  );
  return code
    .slice(code.indexOf(";") + 1)
    .replace(/^\s*(var \w+ =|export default)/, "")
    .replace(/;\s*(export.*)?$/s, "");
}

describe("functionShape", () => {
  it.each([
    ["a parameter", "(row) => row.amount > 3", ["row"]],
    ["a destructured parameter", "({ amount, at }) => amount > 3 && at !== null", ["amount", "at"]],
    ["a default, and a rest", "({ amount = 1, ...others }) => amount in others", ["amount", "others"]],
    [
      "a local and a loop",
      "(row) => { let sum = 0; for (const each of row.all) sum += each; return sum; }",
      ["sum", "each"],
    ],
    ["one name in two scopes", "(row) => row.all.some((row) => row.x > 1) || ((row) => row)(row)", ["row"]],
    [
      "a catch, a label and a class",
      "(row) => { try { a: for (;;) break a; } catch (e) { return class K { k = e; }; } }",
      ["e", "K"],
    ],
    ["a shorthand property", "(row) => ({ row, b: row })", ["row"]],
    ["names that end in digits", "(x1, x2) => x1 - x2", ["x1", "x2"]],
  ])("is the same whatever else has the name of %s", (_, text, names) => {
    const renamed = bundled(text, ...names);
    expect(renamed.replace(/\s/g, "")).not.toBe(text.replace(/\s/g, ""));
    expect(shape(renamed)).toBe(shape(bundled(text, "unrelated")));
  });

  it("is the same in another layout, with comments and other quotes", () => {
    expect(shape(`(row)=>{/* why */return row.kind==='a'}`)).toBe(
      shape(`row => {\n  return row.kind === "a"; // so\n}`),
    );
  });

  it.each([
    ["a number", "(row) => row.amount > 3", "(row) => row.amount > 4"],
    ["a text", '(row) => row.kind === "a"', '(row) => row.kind === "b"'],
    ["a number and a text", "(row) => row.a === 1", '(row) => row.a === "1"'],
    ["a large whole number", "(row) => row.a === 1n", "(row) => row.a === 2n"],
    ["a pattern", "(row) => /a/.test(row.kind)", "(row) => /a/i.test(row.kind)"],
    ["a template", "(row) => `a`", "(row) => `b`"],
    ["an operator", "(row) => row.a > row.b", "(row) => row.a >= row.b"],
    ["the order of parameters", "(x1, x2) => x1 - x2", "(x1, x2) => x2 - x1"],
    ["a field", "(row) => row.amount1", "(row) => row.amount2"],
    ["a key", "(row) => ({ a1: row })", "(row) => ({ a2: row })"],
    ["a field that is destructured", "({ amount: a }) => a", "({ total: a }) => a"],
    ["a function that is called", "(row) => Math.floor(row.a)", "(row) => Number(row.a)"],
    ["whether it waits", "(row) => row", "async (row) => row"],
    ["whether it is optional", "(row) => row.a.b", "(row) => row.a?.b"],
    ["what is computed", "(row) => row.a", "(row, a) => row[a]"],
  ])("tells %s from another", (_, one, other) => {
    expect(shape(one)).not.toBe(shape(other));
  });

  it("takes methods, accessors and functions with names", () => {
    const { test, other } = {
      test(row: { a: number }) {
        return row.a > 1;
      },
      async *other() {},
    };
    expect(functionShape(test)).not.toEqual(functionShape(other));
    expect(JSON.stringify(functionShape(test))).toContain("ReturnStatement");
    expect(JSON.stringify(functionShape(other))).toContain("generator");
    expect(shape("function isLarge(row) { return row.a; }")).toBe(
      shape("function isLarge2(row) { return row.a; }"),
    );
  });

  it("takes what has no source by its text", () => {
    expect(functionShape(Number)).toBe(Number.toString());
    expect(functionShape(Boolean)).not.toEqual(functionShape(Number));
  });

  it("tells functions made from others by both parts", () => {
    const of = (label: string, text: string) => {
      const test = made(text);
      return functionShape(composedFunction(() => true, { label, of: test }));
    };
    expect(of('["kind","a"]', "(row) => row.a")).toEqual(of('["kind","a"]', "(row2) => row2.a"));
    expect(of('["kind","a"]', "(row) => row.a")).not.toEqual(of('["kind","b"]', "(row) => row.a"));
    expect(of('["kind","a"]', "(row) => row.a")).not.toEqual(of('["kind","a"]', "(row) => row.b"));
  });

  it("holds for every name that the bundler takes as its own", () => {
    const name = fc.stringMatching(/^[a-z]{1,3}[0-9]{0,2}$/).filter((text) => isName(text));
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 3, maxLength: 3 }),
        fc.subarray([0, 1, 2]),
        ([a, b, c], taken) => {
          const text = `(${a}, { ${b}: [${c}] }) => ${a}.map((${b}) => ${b} + ${c}).concat({ ${a}, ${c}: ${b} })`;
          const names = taken.map((index) => [a, b, c][index]!);
          fc.pre(names.length > 0);
          expect(shape(bundled(text, ...names))).toBe(shape(bundled(text, "unrelated")));
        },
      ),
      { numRuns: 200 },
    );
  });
});

function isName(text: string): boolean {
  try {
    new Function(`"use strict"; const ${text} = 0;`);
    return true;
  } catch {
    return false;
  }
}

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { diffModules, type ModuleFiles } from "./diff-modules.ts";

const FRAUD = await readFile("test/define/fixtures/fraud.ts", "utf8");
const FILES = { old: { "fraud.onnx": "bytes" }, new: { "fraud.onnx": "bytes" } };

type Change = readonly [before: string, after: string];

function changed(text: string, changes: readonly Change[]): string {
  return changes.reduce((result, [before, after]) => {
    expect(result).toContain(before);
    return result.replace(before, after);
  }, text);
}

const diff = (changes: readonly Change[], files: ModuleFiles = FILES, before = FRAUD) =>
  diffModules(before, changed(before, changes), files);

const CARD_2: Change = ['view("card", {\n  version: 1', 'view("card", {\n  version: 2'];

describe("what freshet diff says of models", () => {
  test("another output scores otherwise under the same version", async () => {
    const { difference } = await diff([['output: "probability"', 'output: "score"']]);
    expect(difference.models[0]).toMatchObject({
      verdict: "new version needed",
      isOtherFile: false,
      care: [expect.stringMatching(/^Its output changed, .* raise its version to 2\.$/)],
    });
  });

  test("another file, where the old one cannot be read, counts as other bytes", async () => {
    const { difference } = await diff([['file: "fraud.onnx"', 'file: "fraud2.onnx"']], {
      new: { "fraud2.onnx": "bytes" },
    });
    expect(difference.models[0]).toMatchObject({
      verdict: "new version needed",
      isOtherFile: null,
      care: [expect.stringMatching(/^Its file changed/)],
    });
  });

  test("a file that is not there is not said to be what it was", async () => {
    const { difference } = await diff(
      [
        ['"ratio",', '"card.big_1h",'],
        ["whenNull: { ratio: 0 },", ""],
      ],
      {
        old: FILES.old,
      },
    );
    expect(difference.models[0]!.care).toEqual([
      "Its file fraud.onnx cannot be read; the path is relative to the definitions' folder.",
    ]);
  });

  test("a version is told as a number", async () => {
    const { printed } = await diff([["service: checkout,", "version: 1000,\n  service: checkout,"]]);
    expect(printed).toMatch(/^ {2}setting +version: 1 -> 1000$/m);
  });

  test("an owner says nothing of scores", async () => {
    const { difference, printed } = await diff([['onStale: "reject"', 'onStale: "reject", owner: "risk"']]);
    expect(difference.models[0]).toMatchObject({ verdict: "changed", care: [] });
    expect(printed).toMatch(/^model fraud@1: changed\n {2}setting +owner: null -> risk$/m);
  });
});

describe("what freshet diff says of services", () => {
  test("another vector that no model reads, of another request", async () => {
    const { difference } = await diff(
      [
        ['"request.amount",\n', ""],
        [
          "request: z.object({ amount: z.number() })",
          "request: z.object({ amount: z.number(), n: z.number() })",
        ],
      ],
      FILES,
      FRAUD.slice(0, FRAUD.indexOf("export const scorer")),
    );
    expect(difference.services[0]).toMatchObject({
      models: [],
      care: [expect.stringMatching(/^Its vector changed, .* raise its version to 2\.$/)],
      notes: ["Its request has changed: callers that send what it no longer takes are refused."],
    });
  });

  test("other versions of its views", async () => {
    const { difference } = await diff([CARD_2]);
    expect(difference.services[0]).toMatchObject({
      verdict: "changed",
      care: [],
      notes: [expect.stringMatching(/^It reads other views or versions/)],
    });
  });
});

describe("what freshet diff says of sources and views", () => {
  test("another partition key, a field that went, another that is held to more", async () => {
    const { difference, printed } = await diff([
      ['partitionKey: "card"', 'partitionKey: "merchant"'],
      [
        "z.object({ id: z.string(), account: z.string(), ok",
        "z.object({ id: z.string().max(9), account: z.string(), ok",
      ],
      ["    merchant: z.string(),\n", "    merchant: z.string(),\n    note: z.string().optional(),\n"],
    ]);
    const [transactions, logins] = ["transactions", "logins"].map(
      (name) => difference.sources.find((each) => each.name === name)!,
    );
    expect(transactions!.care).toEqual([expect.stringMatching(/^Records put under the old partition key/)]);
    expect(logins).toMatchObject({
      verdict: "changed",
      care: [],
      notes: ["Records whose id no longer fits are quarantined; state is not touched."],
    });
    expect(printed).toMatch(/^ {2}field +note: added, optional$/m);
    expect(printed).toMatch(/^ {2}a read +.* for each shard \(was .*\)$/m);
  });

  test("a field that went", async () => {
    const before = changed(FRAUD, [
      ["    amount: z.number(),\n", "    amount: z.number(),\n    note: z.string(),\n"],
    ]);
    const { difference } = await diffModules(before, FRAUD, FILES);
    expect(difference.sources.find(({ name }) => name === "transactions")).toMatchObject({
      verdict: "changed",
      fields: [{ field: "note", change: "removed", optional: null }],
    });
  });

  test("a version raised for nothing warms all the same, and is named beside what it replaces", async () => {
    const { difference, printed } = await diff([CARD_2]);
    expect(difference.views.find(({ name }) => name === "card")).toMatchObject({
      verdict: "new version",
      warmingMs: 86_400_000,
    });
    expect(printed).toMatch(/^view card@2 after card@1: new version$/m);
    expect(printed).toMatch(/^view account@1: same$/m);
  });

  test("an SLA alone is a change, told as a length of time", async () => {
    const { difference, printed } = await diff([['sla: "2m",\n  owner', 'sla: "3m",\n  owner']]);
    expect(difference.views.find(({ name }) => name === "card")).toMatchObject({
      verdict: "changed",
      care: [],
      notes: [],
      warmingMs: 0,
    });
    expect(printed).toMatch(/^ {2}setting +sla: 2m -> 3m$/m);
  });

  test("a view that comes with its features, and one of a lifetime that goes", async () => {
    const lifetime = changed(FRAUD, [
      ['txns: t.count().over("24h") }', 'txns: t.count().over("24h"), all: t.count().lifetime() }'],
    ]);
    const { difference, printed } = await diff([['view("card_merchant"', 'view("couple"']], FILES, lifetime);
    expect(printed).toMatch(/^ {2}\+ +txns_24h: count, last 24h by 1h$/m);
    expect(difference.views.find(({ name }) => name === "card_merchant")!.notes).toEqual([
      "Its items are folded no more; being of a lifetime they never expire: delete them.",
    ]);
  });

  test("a lifetime alone has nothing to warm", async () => {
    const { difference } = await diff([
      ['view("card_merchant"', 'view("couple"'],
      ['txns: t.count().over("24h") }', "txns: t.count().lifetime() }"],
      ['"pair.txns_24h"', '"pair.txns_lifetime"'],
    ]);
    expect(difference.views.find(({ name }) => name === "couple")!.notes).toEqual([
      "Its lifetime features count from the deploy on.",
    ]);
  });
});

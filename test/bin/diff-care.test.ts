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

describe("what freshet diff says of what is removed", () => {
  const of = (name: string, version: number, feature: string) =>
    `export const ${name} = view("${name}", { version: ${version}, source: events, entity: "card", sla: "1m",
      features: (t) => ({ n: t.count().${feature} }) });\n`;
  const head = `import { model, service, source, view } from "freshet-kit";
    import { z } from "zod";
    const schema = z.object({ card: z.string(), at: z.int() });
    export const events = source("events", { schema, partitionKey: "card", eventTime: "at" });\n`;
  const base = head + of("card", 1, 'over("1h")');
  const scores = (version: number) =>
    `export const scores = service("scores", { version: ${version}, views: { card }, vector: ["card.n_1h"] });\n`;
  const risk =
    'export const risk = model("risk", { service: scores, file: "a.onnx", output: "y", onStale: "serve" });\n';

  test("callers of a model get 404", async () => {
    const { difference, printed } = await diffModules(base + scores(1) + risk, base + scores(1));
    expect(difference).toMatchObject({
      needsCare: true,
      models: [
        {
          verdict: "removed",
          from: "risk@1",
          care: ["Callers that ask for it get 404 unknown-model: have them ask for another before it goes."],
        },
      ],
    });
    expect(printed).toMatch(/^model risk@1: removed\n {2}! +Callers .*\n\nThis change needs care/m);
  });

  test("callers of a service and of a view get 404", async () => {
    const { difference } = await diffModules(
      base + of("shop", 1, 'over("1h")') + scores(1),
      head + of("card", 1, 'over("1h")'),
    );
    expect(difference.needsCare).toBe(true);
    expect(difference.services[0]!.care).toEqual([expect.stringMatching(/get 404 unknown-service: /)]);
    expect(difference.views[1]).toMatchObject({
      name: "shop",
      care: [expect.stringMatching(/get 404 unknown-view: /)],
      notes: ["Its items are folded no more; they expire 1h10m after their last event."],
    });
  });

  test("a version that another one replaces answers by its name on", async () => {
    const { difference } = await diffModules(
      base + scores(1),
      head + of("card", 2, 'over("1h")') + scores(2),
    );
    expect(difference.needsCare).toBe(false);
    expect(difference.services[1]).toMatchObject({
      verdict: "removed",
      care: [],
      notes: ["Callers that write scores@1 get 404 unknown-service; the name alone is scores@2."],
    });
    expect(difference.views[1]!.notes).toContain(
      "Callers that write card@1 get 404 unknown-view; the name alone is card@2.",
    );
  });

  test("items of a lifetime are to be deleted, also where a later version stands", async () => {
    const before = head + of("card", 1, "lifetime()");
    const { difference } = await diffModules(before, head + of("card", 2, "lifetime()"));
    expect(difference).toMatchObject({
      needsCare: true,
      views: [
        { id: "card@2", care: [] },
        {
          from: "card@1",
          care: ["Its items, being of a lifetime, never expire: delete them when they are folded no more."],
        },
      ],
    });
  });
});

describe("what freshet diff says of services", () => {
  test("a derive that is long is shown where it differs", async () => {
    const long = Array.from({ length: 12 }, (_, index) => `part_${index}: request.amount + ${index},`).join(
      " ",
    );
    const before = FRAUD.replace("request) => ({", `request) => ({ ${long}`);
    for (const [change, old, now, start, end] of [
      [["amount + 0", "amount + 50"], "+0", "+50", /^\(/, /\.\.\.$/],
      [["amount + 6", "amount - 6"], "+6", "-6", /^\.\.\./, /\.\.\.$/],
      [["null : request", "9 : request"], "null:request", "9:request", /^\.\.\./, /[^.]$/],
    ] as const) {
      const { printed } = await diff([change], FILES, before);
      const [, from, to] = /^ {2}setting +derive: (.*) -> (.*)$/m.exec(printed)!;
      expect(from!.replaceAll(" ", "")).toContain(old);
      expect(to!.replaceAll(" ", "")).toContain(now);
      for (const text of [from, to]) {
        expect(text).toMatch(start);
        expect(text).toMatch(end);
        expect(text!.length).toBeLessThanOrEqual(100);
      }
    }
  });

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
    const { difference, printed } = await diff([CARD_2]);
    expect(printed).toMatch(/^ {2}setting {3}views card view: card@1 -> card@2$/m);
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
      warmingMs: 90_300_000,
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
    expect(difference.views.find(({ name }) => name === "card_merchant")).toMatchObject({
      care: [expect.stringMatching(/unknown-view/), expect.stringMatching(/never expire: delete them/)],
      notes: ["Its items are folded no more."],
    });
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

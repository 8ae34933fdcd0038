import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DefinitionsDifference } from "../../bin/diff/diff-definitions.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { run } from "./run-command.ts";

const FRAUD = await readFile("test/define/fixtures/fraud.ts", "utf8");

let folder: string;
let from: string;
let to: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-diff-"));
  for (const side of ["old", "new"]) {
    await mkdir(join(folder, side));
    await writeFile(join(folder, side, "fraud.onnx"), "bytes");
  }
  from = join(folder, "old/fraud.ts");
  to = join(folder, "new/fraud.ts");
  await writeFile(from, FRAUD);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Change = readonly [before: string, after: string];

function changed(text: string, changes: readonly Change[]): string {
  return changes.reduce((result, [before, after]) => {
    expect(result).toContain(before);
    return result.replace(before, after);
  }, text);
}

async function diff(...changes: readonly Change[]) {
  await writeFile(to, changed(FRAUD, changes));
  const { exitCode, printed, errors } = await run("diff", from, to, "--json");
  expect(errors).toBe("");
  const difference = JSON.parse(printed) as DefinitionsDifference;
  expect(exitCode).toBe(difference.needsCare ? 1 : 0);
  const view = (name: string) => difference.views.find((each) => each.name === name)!;
  return { exitCode, difference, view };
}

const VERSION: Change = ['view("card", {\n  version: 1', 'view("card", {\n  version: 2'];

describe("freshet diff", () => {
  test("nothing has changed: all the same, nothing warms, exit code 0", async () => {
    const { exitCode, difference } = await diff();
    expect(exitCode).toBe(0);
    for (const each of Object.values(difference).flat()) {
      if (typeof each === "boolean") continue;
      expect(each).toMatchObject({ verdict: "same", settings: [], care: [], notes: [] });
    }
    expect(difference.views.map(({ warmingMs }) => warmingMs)).toEqual([0, 0, 0]);
  });

  test("something else has the name of a variable in a function: all the same", async () => {
    const { exitCode, difference } = await diff([
      "export const card ",
      "export const request = 5;\nexport const card ",
    ]);
    expect(exitCode).toBe(0);
    expect(difference.services).toEqual([
      expect.objectContaining({ verdict: "same", settings: [], care: [] }),
    ]);
  });

  test("features that are computed from what is kept: the same state, at once", async () => {
    const { exitCode, view } = await diff(
      [
        'spend: t.sum("amount").over("5m", "1h", "24h"),',
        'spend: t.sum("amount").over("5m", "1h", "24h"),\n small: t.sum("amount").over("30m", { hop: "5m" }),',
      ],
      ['sla: "2m",\n  owner', 'sla: "3m",\n  owner'],
    );
    expect(exitCode).toBe(0);
    const card = view("card");
    expect(card).toMatchObject({ verdict: "changed", warmingMs: 0, keeps: [], id: "card@1", from: "card@1" });
    expect(card.settings).toEqual([{ name: "slaMs", from: 120_000, to: 180_000 }]);
    expect(card.features.filter(({ change }) => change !== "same")).toMatchObject([
      { name: "small_30m", change: "added", isFromExistingState: true },
    ]);
    expect(card.cost.to).toEqual(card.cost.from);
    // The lock file agrees: a locked old version lets the new text load.
    await copyFile(from, join(folder, "fraud.ts"));
    await loadDefinitions(join(folder, "fraud.ts"), { lock: "update" });
    await copyFile(to, join(folder, "fraud.ts"));
    await loadDefinitions(join(folder, "fraud.ts"), { lock: "verify" });
  });

  test("features that are not: a new version is needed, as loading says; what warms and what it costs", async () => {
    const changes: Change[] = [
      [
        "big: t.count(",
        'most: t.max("amount").over("48h"), early: t.sum("amount").over("12h", { hop: "1h" }),\n    big: t.count(',
      ],
    ];
    const { exitCode, view } = await diff(...changes);
    expect(exitCode).toBe(1);
    const card = view("card");
    expect(card).toMatchObject({ verdict: "new version needed", warmingMs: 176_700_000 });
    expect(card.keeps).toEqual(["columns", "expiryMs", "levels"]);
    expect(card.care).toEqual([
      expect.stringMatching(/card@1 keeps has changed.*R13.*raise its version to 2/),
    ]);
    expect(card.features.filter(({ change }) => change !== "same")).toMatchObject([
      { name: "most_48h", change: "added", isFromExistingState: false },
      { name: "early_12h", change: "added", isFromExistingState: true },
    ]);
    expect(card.features.find(({ name }) => name === "spend_24h")).toMatchObject({
      change: "same",
      isFromExistingState: true,
    });
    expect(card.cost.to!.boundBytes).toBeGreaterThan(card.cost.from!.boundBytes);
    expect(card.cost.to!.writeUnits.bound).toBe(Math.ceil(card.cost.to!.boundBytes / 1024));
    expect(view("account").verdict).toBe("same");
    await copyFile(from, join(folder, "fraud.ts"));
    await loadDefinitions(join(folder, "fraud.ts"), { lock: "update" });
    await copyFile(to, join(folder, "fraud.ts"));
    await expect(loadDefinitions(join(folder, "fraud.ts"), { lock: "verify" })).rejects.toMatchObject({
      code: "STRUCTURE_CHANGED",
    });
    // With the version raised it is an addition, and the state begins empty.
    const raised = await diff(...changes, VERSION);
    expect(raised.view("card")).toMatchObject({
      verdict: "new version",
      id: "card@2",
      from: "card@1",
      care: [],
      warmingMs: 176_700_000,
      notes: ["Its state begins empty: answers say warming for 2d1h5m."],
    });
    expect(raised.difference.services[0]!.settings).toMatchObject([{ name: "views" }]);
    expect(raised.exitCode).toBe(0);
  });

  test("a changed window, filter, default and removal; a version raised for nothing", async () => {
    const { view } = await diff(
      ['amount: gt(500) } }).over("1h")', 'amount: gt(400) } }).over("1h")'],
      [
        't.sum("amount", { by: "channel" }).over("1h")',
        't.sum("amount", { by: "channel", default: 0 }).over("1h")',
      ],
      ['odd: t.count({ where: (row) => row.amount % 100 === 0 }).over("24h"),', ""],
    );
    expect(
      Object.fromEntries(
        view("card").features.map(({ name, change, isFromExistingState }) => [
          name,
          [change, isFromExistingState],
        ]),
      ),
    ).toEqual({
      spend_5m: ["same", true],
      spend_1h: ["same", true],
      spend_24h: ["same", true],
      big_1h: ["changed", false],
      "channel_1h.web": ["other default", true],
      "channel_1h.pos": ["other default", true],
      "channel_1h.atm": ["other default", true],
      odd_24h: ["removed", null],
    });
    const raised = await diff(VERSION);
    expect(raised.view("card").notes).toContainEqual(
      "It keeps what card@1 keeps: under the version 1 all its features would be there at once.",
    );
  });

  test("a change of which events are kept: no feature is computed from the old state", async () => {
    for (const [change, part] of [
      [['entity: "card",\n  sla', 'entity: "card",\n  where: { channel: "web" },\n  sla'], "where"],
      [['entity: "card",\n  sla', 'entity: "card",\n  allowedLateness: "1h",\n  sla'], "allowedLatenessMs"],
      [
        ["amount: z.number(),\n    channel", "amount: z.number().transform((n) => n * 100),\n    channel"],
        "schema",
      ],
    ] as const) {
      const { view } = await diff(change);
      const card = view("card");
      expect(card.verdict, part).toBe("new version needed");
      expect(card.keeps).toContain(part);
      expect(card.features.every(({ isFromExistingState }) => isFromExistingState === false)).toBe(true);
    }
  });

  test("sessions: what is kept of one gap and maximum serves others over the same columns", async () => {
    const visits = "big: t.count(";
    const before = changed(FRAUD, [
      [visits, 'visit: t.count().session({ gap: "30m", max: "12h" }),\n    big: t.count('],
    ]);
    const after = changed(before, [
      [
        "big: t.count(",
        'longer: t.count().session({ gap: "1h", max: "12h" }), again: t.count({ default: -1 }).session({ gap: "30m", max: "12h" }),\n    big: t.count(',
      ],
    ]);
    await writeFile(from, before);
    await writeFile(to, after);
    const { exitCode, printed } = await run("diff", from, to, "--json");
    expect(exitCode).toBe(1);
    const card = (JSON.parse(printed) as DefinitionsDifference).views.find(({ name }) => name === "card")!;
    expect(card.keeps).toEqual(["sessions"]);
    expect(card.features.filter(({ change }) => change !== "same")).toMatchObject([
      { name: "longer_session_1h_12h", isFromExistingState: false },
      { name: "again_session_30m_12h", isFromExistingState: true },
    ]);
  });

  test("views that come and go", async () => {
    const { view, exitCode } = await diff(
      ['view("card_merchant"', 'view("couple"'],
      [
        'features: (t) => ({ txns: t.count().over("24h") })',
        'features: (t) => ({ txns: t.count().over("24h"), n: t.count().lifetime() })',
      ],
    );
    expect(exitCode).toBe(1);
    expect(view("couple")).toMatchObject({
      verdict: "added",
      from: null,
      warmingMs: 90_300_000,
      notes: [
        "Its state begins empty: answers say warming for 25h5m.",
        "Its lifetime features count from the deploy on.",
      ],
      cost: { from: null },
    });
    expect(view("card_merchant")).toMatchObject({
      verdict: "removed",
      id: null,
      from: "card_merchant@1",
      warmingMs: null,
    });
    expect(view("card_merchant").notes[0]).toMatch(/folded no more; they expire .* after their last event/);
  });

  test("sources: fields that producers must send first, what is only accepted, and what changes rows", async () => {
    const { difference } = await diff(
      [
        "merchant: z.string(),",
        "merchant: z.string().max(20), device: z.string(), note: z.string().optional(),",
      ],
      ["ok: z.boolean(), at", "ok: z.boolean().default(true), at"],
      [
        'partitionKey: "account",\n  eventTime: "at",',
        'partitionKey: "account",\n  eventTime: "at",\n  retention: "14d",',
      ],
    );
    const [logins, transactions] = difference.sources;
    expect(transactions).toMatchObject({
      verdict: "changed",
      fields: [
        { field: "merchant", change: "other values are accepted" },
        { field: "device", change: "added", optional: false },
        { field: "note", change: "added", optional: true },
      ],
      care: [expect.stringMatching(/^Records without device are quarantined/)],
    });
    expect(logins).toMatchObject({
      settings: [{ name: "retentionMs", from: 604_800_000, to: 1_209_600_000 }],
      fields: [{ field: "ok", change: "other values are made of it" }],
    });
    expect(difference.views.find(({ name }) => name === "account")!.verdict).toBe("new version needed");
  });

  test("services and models: another order needs a new version and a new model", async () => {
    const reordered: Change = [
      '"card.spend_5m",\n    "card.channel_1h.web",',
      '"card.channel_1h.web",\n    "card.spend_5m",\n    "card.big_1h",',
    ];
    const { difference, exitCode } = await diff(reordered);
    expect(exitCode).toBe(1);
    expect(difference.services[0]).toMatchObject({
      verdict: "new version needed",
      models: ["fraud@1"],
      vector: {
        added: ["card.big_1h"],
        removed: [],
        moved: [
          { name: "card.channel_1h.web", from: 1, to: 0 },
          { name: "card.spend_5m", from: 0, to: 1 },
          { name: "pair.txns_24h", from: 2, to: 3 },
          { name: "payer.failures_10m", from: 3, to: 4 },
          { name: "ratio", from: 4, to: 5 },
          { name: "request.amount", from: 5, to: 6 },
        ],
      },
      care: [
        expect.stringMatching(/^Its vector changed.*raise its version to 2/),
        expect.stringMatching(/^fraud@1 must be trained on the new vector/),
      ],
    });
    expect(difference.models[0]).toMatchObject({
      isOtherFile: false,
      care: ["Its file fraud.onnx is what it was, and the vector is not: export it for the new one."],
    });
    // Versions raised and the file replaced: the model still has to be of the new vector, and says so once.
    await writeFile(join(folder, "new/fraud.onnx"), "other bytes");
    const raised = await diff(
      reordered,
      ['service("checkout", {\n  version: 1', 'service("checkout", {\n  version: 2'],
      ["service: checkout,", "version: 2,\n  service: checkout,"],
    );
    expect(raised.difference.services[0]).toMatchObject({
      verdict: "new version",
      id: "checkout@2",
      from: "checkout@1",
    });
    expect(raised.difference.models[0]).toMatchObject({
      verdict: "new version",
      isOtherFile: true,
      care: [],
    });
  });

  test("a model's file that changes under its version, one that is gone; derive, defaults and keys of a service", async () => {
    await writeFile(join(folder, "new/fraud.onnx"), "other bytes");
    const other = await diff();
    expect(other.difference.models[0]).toMatchObject({
      verdict: "new version needed",
      care: [expect.stringMatching(/^Its file changed, and its answers say fraud@1 as before/)],
    });
    await rm(join(folder, "new/fraud.onnx"));
    const gone = await diff(
      ["request.amount / card", "2 * request.amount / card"],
      ["whenNull: { ratio: 0 }", "whenNull: { ratio: 1 }"],
      ['payee: account.by({ account: "payee" })', 'payee: account.by({ account: "receiver" })'],
    );
    expect(gone.difference.models[0]!.care).toEqual([
      expect.stringMatching(/^Its file fraud\.onnx cannot be read/),
    ]);
    expect(gone.difference.services[0]).toMatchObject({
      verdict: "new version needed",
      care: [
        expect.stringMatching(/^Its derive and whenNull changed/),
        "Callers must name the key receiver: requests without it are refused.",
      ],
    });
  });

  test("prints it for reading", async () => {
    await writeFile(
      to,
      changed(FRAUD, [
        ["big: t.count(", 'most: t.max("amount").over("48h"),\n    big: t.count('],
        ['"ratio",', '"card.most_48h",'],
        ["whenNull: { ratio: 0 },", ""],
      ]),
    );
    const { exitCode, printed } = await run("diff", from, to);
    expect(exitCode).toBe(1);
    expect(printed).toMatch(/^source transactions: same$/m);
    expect(printed).toMatch(/^view card@1: new version needed\n {2}keeps +other columns, expiry, levels$/m);
    expect(printed).toMatch(/^ {2}\+ +most_48h: max of amount, last 2d by 1h \(not in what is kept\)$/m);
    expect(printed).toMatch(/^ {2}warming +2d1h5m$/m);
    expect(printed).toMatch(/^ {2}item +at most [\d.]+ KB \(was at most [\d.]+ KB\)$/m);
    expect(printed).toMatch(/^ {2}! +What card@1 keeps has changed/m);
    expect(printed).toMatch(/^ {2}- +vector: ratio$/m);
    expect(printed).toMatch(/This change needs care: see the lines marked !\.$/);
    await writeFile(to, FRAUD);
    expect((await run("diff", from, to)).printed).toMatch(
      /^model fraud@1: same\n\nNothing here needs care\.$/m,
    );
  });

  test("exits 2 for definitions that are refused or not there", async () => {
    for (const [text, error] of [
      ["export const n = 1;", /exports no definitions/],
      [null, /there is no such file/],
    ] as const) {
      await rm(to, { force: true });
      if (text !== null) await writeFile(to, text);
      const { exitCode, printed, errors } = await run("diff", from, to);
      expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: "" });
      expect(errors).toMatch(error);
      expect(errors).toMatch(`the new module, ${to}: `);
      expect((await run("diff", to, from)).errors).toMatch(`the old module, ${to}: `);
    }
    expect((await run("diff", from)).exitCode).toBe(2);
  });
});

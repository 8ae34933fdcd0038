import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CheckReport } from "../../bin/check/check-definitions.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { run } from "./run-command.ts";

const MODELS = "test/serve/fixtures";
const HEAD = `
import { model, service, source, view } from "freshet-kit";
import { z } from "zod";
const schema = z.object({ id: z.string(), card: z.string(), amount: z.number(), kind: z.enum(["a", "b"]), at: z.iso.datetime() });
`;
const EVENTS = `export const events = source("events", { schema, partitionKey: "card", eventTime: "at", eventId: "id" });\n`;
const CARD = `export const card = view("card", { version: 1, source: events, entity: "card", sla: "2m",
  features: (t) => ({ spend: t.sum("amount").over("1h"), txns: t.count().over("1h") }) });\n`;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-check-"));
  file = join(folder, "fraud.ts");
  vi.stubEnv("CI", "");
});
afterEach(() => vi.unstubAllEnvs());
afterEach(() => rm(folder, { recursive: true, force: true }));

async function check(code: string, ...options: string[]) {
  await writeFile(file, HEAD + code);
  const { exitCode, printed, errors } = await run("check", file, "--json", ...options);
  expect(errors).toBe("");
  const report = JSON.parse(printed) as CheckReport;
  expect(exitCode).toBe(report.errors === 0 ? 0 : 1);
  const messages = (severity: string) =>
    report.problems.filter((each) => each.severity === severity).map(({ message }) => message);
  return { report, exitCode, errors: messages("error"), warnings: messages("warning") };
}

describe("freshet check", () => {
  test("finds everything that is wrong with each definition in one run, in the words of loading", async () => {
    const { errors, warnings } = await check(`
      export const events = source("events", { schema, partitionKey: "cord", eventTime: "at", retention: "400d", clockSkew: "2d" });
      export const card = view("card", { version: 0, source: events, entity: "cart", sla: "2 min", dedup: { count: 0 },
        features: (t) => ({
          spend: t.sum("amuont", { where: { amount: "x" } }).over("5m", "1 h"),
          late: t.max("amount", { where: { amount: "z" }, default: "y" }).over("1h"),
          good: t.count().over("1h"),
          ever: t.max("amount").lifetime(),
          kinds: t.count({ by: "cord" }).over("1h"),
          half: t.share({ where: { kind: "c" } }).over("1h"),
        }) });
      export const checkout = service("checkout", { version: 1.5, views: { card, other: 7 }, request: z.object({ n: z.number() }),
        vector: ["card.good_1h", "card.spend_5m", "card.bad_1h", "request.m", "other.x"], whenNull: { "card.good_1h": NaN, zzz: 1 } });
      export const scorer = model("fraud", { service: checkout, file: "", output: "score", onStale: "default", version: -1 });
    `);
    for (const [index, part] of [
      'source "events": partitionKey "cord" is not a field of the schema',
      'source "events": clockSkew is "2d"; at most 24h is allowed.',
      'source "events": retention is "400d"; Kinesis keeps records from 1d to 365d.',
      'view "card": entity "cart" is not a field of the schema',
      'view "card": version is 0',
      'view "card", sla: "2 min" is not a duration',
      'view "card": dedup is set, but source "events" names no eventId',
      'view "card", feature "spend": sum("amuont") is not of a field',
      'view "card", feature "spend", where "amount": "x" is a string; the field holds number.',
      'view "card", feature "spend", window: "1 h" is not a duration',
      'view "card", feature "late": default is "y"',
      'view "card", feature "late", where "amount": "z" is a string',
      'view "card", feature "kinds": by names "cord"; the schema has',
      'view "card", feature "half", where "kind": "c" is not a value of the field',
      'service "checkout", view "other": 7 is neither a view nor what its by({...}) returns.',
      'service "checkout": version is 1.5',
      'service "checkout", vector entry "card.bad_1h": view "card" has ',
      'service "checkout", vector entry "request.m": the request has "n".',
      'service "checkout": whenNull of "card.good_1h" is NaN; write a finite number.',
      'service "checkout": whenNull names "zzz"',
      'model "fraud": onStale is "default", but there is no defaultScore.',
      'model "fraud": version is -1',
      'model "fraud": file is "", write a name.',
    ].entries()) {
      const text = part.replace('file is "", write', 'file is ""; write');
      expect(
        errors.filter((message) => message.startsWith(text)),
        `${index}: ${text}`,
      ).toHaveLength(1);
    }
    // Nothing that only follows from another problem: a lifetime under an entity that is not there, a feature that is refused.
    expect(errors).toHaveLength(23);
    expect(warnings).toEqual([]);
  });

  test("invents nothing of views over a source whose partition key or event id is refused", async () => {
    const wrong = EVENTS.replace('"card"', '"crad"').replace('"id"', '"ix"');
    const views = `
      const seen = { version: 1, source: events, sla: "2m", dedup: { count: 7 } };
      export const visits = view("visits", { ...seen, entity: "kind",
        features: (t) => ({ n: t.count().session({ gap: "30m", max: "12h" }) }) });
      export const pair = view("pair", { ...seen, entity: ["kind", "card"], features: (t) => ({ n: t.sum("amuont").lifetime() }) });
      export const cart = view("cart", { ...seen, entity: "cart", features: (t) => ({ n: t.count().lifetime() }) });
      export const s = service("s", { version: 1, views: { visits }, vector: ["visits.n_session_30m_12h", "visits.m"] });`;
    const { errors } = await check(wrong + views);
    expect(errors).toEqual([
      expect.stringMatching(/^source "events": partitionKey "crad" is not a field/),
      expect.stringMatching(/^source "events": eventId "ix" is not a field/),
      expect.stringMatching(/^view "pair", feature "n": sum\("amuont"\) is not of a field/),
      expect.stringMatching(/^view "cart": entity "cart" is not a field/),
      expect.stringMatching(/^service "s", vector entry "visits.m": view "visits" has /),
    ]);
    // Of one entity none holds a key, whatever it is; the key that is named is the one that was given.
    const all = `export const all = view("all", { version: 1, source: events, sla: "2m",
      features: (t) => ({ n: t.count().lifetime() }) });`;
    expect((await check(wrong + all)).errors.slice(2)).toEqual([
      expect.stringMatching(/^view "all": feature "n_lifetime" .* holds the partition key "crad" of source/),
    ]);
  });

  test("does not hold views to the lock file over a source that is refused", async () => {
    await writeFile(file, HEAD + EVENTS + CARD);
    expect((await run("lock", file)).exitCode).toBe(0);
    expect((await check(EVENTS.replace('"card"', '"crad"') + CARD)).errors).toEqual([
      expect.stringMatching(/^source "events": partitionKey "crad" is not a field/),
    ]);
  });

  test("tells of options that do not exist, and of what else is wrong beside them", async () => {
    const { errors } = await check(`
      export const events = source("events", { schema, partitionKey: "cord", eventTime: "at", maxFutureSkw: "1h" });
      export const card = view("card", { version: 0, source: events, entity: "card", sla: "2m", alowedLateness: "1h",
        features: (t) => ({
          spend: t.sum("amuont", { wher: {}, default: "x" }).over("1h", { hopp: "1m" }),
          kinds: t.sum("amount", { by: "kind", maxKeys: 3 }).over("1h"),
          n: t.count().over("1h"),
        }) });
      export const scores = service("scores", { version: 1, views: { card }, vektor: [], vector: ["card.n_1h"] });
      export const scorer = model("fraud", { service: scores, file: "", output: "score", onStale: "serve", scores: 1 });
    `);
    expect(errors.map((message) => message.split("; ")[0])).toEqual([
      'source "events": the options have no "maxFutureSkw" (did you mean "maxFutureSkew"?)',
      'source "events": partitionKey "cord" is not a field of the schema',
      'view "card": the options have no "alowedLateness" (did you mean "allowedLateness"?)',
      'view "card": version is 0',
      'view "card", feature "spend": sum("amuont") is not of a field',
      'view "card", feature "spend": the options of sum have no "wher" (did you mean "where"?)',
      'view "card", feature "spend": the options of over have no "hopp" (did you mean "hop"?)',
      'view "card", feature "kinds": maxKeys is set, but by "kind" is an enum, which has a feature for each of its values.',
      'service "scores": the options have no "vektor" (did you mean "vector"?)',
      'model "fraud": the options have no "scores"',
      'model "fraud": file is ""',
    ]);
  });

  test("looks at what a misspelt option was meant to say, and tells of what is no options object", async () => {
    const { errors } = await check(`${EVENTS}
      const day = { version: 1, source: events, entity: "card", sla: "1m" };
      export const card = view("card", { ...day, feature: (t) => ({ n: t.count({ wher: {} }).over("1h") }) });
      export const ever = view("ever", { ...day, features: (t) => ({ n: t.count().lifetime(), k: t.cuont }) });
      export const sound = view("sound", { ...day, features: (t) => ({ n: t.count().over("1h") }) });
      export const list = service("list", { version: 1, views: { sound }, vector: "sound.n_1h" });
      export const nothing = service("nothing", { version: 1, views: null, vector: [], whenNull: 5 });
      export const none = model("none", null);
    `);
    expect(errors.map((message) => message.split("; ")[0])).toEqual([
      'view "card": the options have no "feature" (did you mean "features"?)',
      'view "card", feature "n": the options of count have no "wher" (did you mean "where"?)',
      'view "ever", feature "k": there is no aggregation "cuont" (did you mean "count"?)',
      'service "list": vector is "sound.n_1h"',
      'service "nothing": views are null',
      'model "none": the options are null',
    ]);
  });

  test("finds what only lies between parts", async () => {
    const { errors } = await check(`${EVENTS}
      export const hops = view("hops", { version: 1, source: events, entity: "card", sla: "1m",
        features: (t) => ({ a: t.count().over("1h", { hop: "4m" }), b: t.count().over("1h", { hop: "6m" }) }) });
      export const merchant = view("merchant", { version: 1, source: events, entity: "kind", sla: "1m",
        features: (t) => ({ ever: t.count().lifetime() }) });
      export const twice = view("twice", { version: 1, source: events, entity: "card", sla: "1m",
        features: (t) => ({ x: t.count().over("1h"), y: t.nothing().over("1h") }) });
      const sums = source("sums", { schema: z.object({ n: z.number(), at: z.int() }), partitionKey: "n", eventTime: "at" });
      export const one = view("one", { version: 1, source: events, entity: "card", sla: "1m", features: (t) => ({ x: t.count().over("1h") }) });
      export const two = view("two", { version: 1, source: sums, entity: "n", sla: "1m", features: (t) => ({ x: t.count().over("1h") }) });
      export const clash = service("clash", { version: 1, views: { one: one.by({ card: "k" }), two: two.by({ n: "k" }) }, vector: ["one.x_1h"] });
    `);
    expect(errors).toEqual([
      expect.stringMatching(
        /^view "hops": the hop 4m of feature "a_1h" does not divide the hop 6m of feature "b_1h"/,
      ),
      expect.stringMatching(
        /^view "merchant": feature "ever_lifetime" is over the lifetime, which needs an entity/,
      ),
      expect.stringMatching(
        /^view "twice", feature "y": there is no aggregation "nothing"; allowed: "count", /,
      ),
      expect.stringMatching(/^service "clash": the key "k" is string for "one" and number for "two"/),
    ]);
  });

  test("an aggregation that does not exist hides nothing else of its view", async () => {
    const { errors, warnings } = await check(`${EVENTS}
      export const card = view("card", { version: 1, source: events, entity: "card", sla: "1 min",
        features: (t) => ({
          a: t.summ("amount", { where: { amuont: 1 } }).over("1 h"),
          b: t.median("amount"),
          c: t.sum("rider").over("1h"),
          d: t.approxPercentile("amount", { p: 50 }).over("1h"),
          n: t.count().over("1h"),
        }) });
      export const s = service("s", { version: 1, views: { card }, vector: ["card.a_1h", "card.n_1h", "card.zzz"] });`);
    expect(errors.map((message) => message.split("; ")[0])).toEqual([
      'view "card", sla: "1 min" is not a duration',
      'view "card", feature "a": there is no aggregation "summ" (did you mean "sum"?)',
      'view "card", feature "a": where names "amuont"',
      'view "card", feature "a", window: "1 h" is not a duration',
      'view "card", feature "b": there is no aggregation "median" (did you mean "mean"?)',
      'view "card", feature "b": has no window',
      'view "card", feature "c": sum("rider") is not of a field',
      expect.stringMatching(/^view "card", feature "d": p is 50/),
      expect.stringMatching(/^service "s", vector entry "card.zzz": view "card" has /),
    ]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["throws", "(t) => ({ a: t.count().ovr('1h') })", /^view "card": features threw TypeError: .*ovr/],
    ["is async", "async (t) => ({ a: t.count().over('1h') })", /^view "card": features is an async function/],
    ["returns no object", "(t) => [t.count().over('1h')]", /^view "card": features returned \[/],
  ])(
    "features whose callback %s hide nothing else, and are said not to be checked",
    async (_, features, message) => {
      const { errors, warnings } = await check(`${EVENTS}
      const of = { version: 0, source: events, entity: "card", sla: "1 min" };
      export const card = view("card", { ...of, features: ${features} });
      export const none = view("none", of);
      export const s = service("s", { version: 1, views: { card }, vector: ["card.a_1h"] });`);
      expect(errors).toEqual([
        expect.stringMatching(/^view "card": version is 0/),
        expect.stringMatching(/^view "card", sla: "1 min" is not a duration/),
        expect.stringMatching(message),
        expect.stringMatching(/^view "none": version is 0/),
        expect.stringMatching(/^view "none", sla: "1 min" is not a duration/),
        expect.stringMatching(/^view "none": features is undefined; write a function/),
      ]);
      expect(warnings).toEqual([
        'view "card": its features are not checked, because their function is refused; check again when that is mended.',
        'service "s": not checked, because all that it names is refused; check again when that is mended.',
      ]);
    },
  );

  test("says what it could not look at", async () => {
    const { errors, warnings } = await check(`
      const events = source("events", { schema: 1 });
      export const card = view("card", { version: 1, source: events });
      export const checkout = service("checkout", { version: 1, views: { card }, vector: ["card.x_1h"] });
      export const scorer = model("fraud", { service: checkout, file: "x", output: "y", onStale: "serve" });`);
    expect(errors).toEqual(['source "events": schema is not a z.object(...).']);
    expect(warnings).toEqual([
      'view "card": not checked, because source "events" is refused; check again when that is mended.',
      'service "checkout": not checked, because all that it names is refused; check again when that is mended.',
      'model "fraud": not checked, because service "checkout" is refused; check again when that is mended.',
    ]);
  });

  test("finds every name that is used twice and every fallback that leads nowhere", async () => {
    const other = CARD.replace("const card", "const again");
    const { errors } = await check(`${EVENTS}${CARD}${other}
      export const s = service("s", { version: 1, views: { card }, vector: ["card.txns_1h"] });
      const of = { service: s, file: "none.onnx", output: "score", onStale: "serve" };
      export const a = model("a", { ...of, fallback: "b" });
      export const b = model("b", { ...of, fallback: "a" });
      export const c = model("c", { ...of, fallback: "zz" });
      export const d = model("d", { ...of, fallback: "yy" });`);
    const found = errors.filter((message) => !message.includes("cannot be read"));
    expect(found).toEqual([
      'view "card@1": is defined twice; give one another name or version.',
      expect.stringMatching(/^model "a": its fallbacks go in a circle: a, b, a\./),
      expect.stringMatching(/^model "c": fallback "zz" is not a model/),
      expect.stringMatching(/^model "d": fallback "yy" is not a model/),
    ]);
  });

  test("checks model files: missing, not a model, and all that a file states", async () => {
    for (const name of ["other-names", "three-columns", "good", "not-finite", "zipmap"])
      await copyFile(join(MODELS, `${name}.onnx`), join(folder, `${name}.onnx`));
    await writeFile(join(folder, "text.onnx"), "not a model");
    const { errors } = await check(`${EVENTS}${CARD}
      export const checkout = service("checkout", { version: 1, views: { card, payer: card.by({ card: "payer" }) },
        request: z.object({ amount: z.number() }), derive: () => ({ ratio: 1 }),
        vector: ["card.spend_1h", "card.txns_1h", "payer.txns_1h", "ratio", "request.amount"] });
      const of = { service: checkout, output: "score", onStale: "serve" };
      export const a = model("a", { ...of, file: "missing.onnx" });
      export const b = model("b", { ...of, file: "text.onnx" });
      export const c = model("c", { ...of, file: "other-names.onnx", output: "probability" });
      export const d = model("d", { ...of, file: "three-columns.onnx", output: "chance" });
      export const e = model("e", { ...of, file: "not-finite.onnx" });
      export const f = model("f", { ...of, file: "zipmap.onnx" });`);
    expect(errors).toEqual([
      expect.stringMatching(/^model a@1: its file missing\.onnx cannot be read/),
      expect.stringMatching(/^model b@1 \(text\.onnx\) is not an ONNX model/),
      expect.stringMatching(
        /^model c@1 \(other-names\.onnx\) was trained on 5 features, number 1 being card\.txns_1h/,
      ),
      expect.stringMatching(
        /^model c@1 \(other-names\.onnx\) has no output probability; its outputs are score/,
      ),
      expect.stringMatching(
        /^model d@1 \(three-columns\.onnx\) has an input features of float32 \[rows, 3\]/,
      ),
      expect.stringMatching(/^model d@1 \(three-columns\.onnx\) has no output chance/),
      expect.stringMatching(/^model e@1 \(not-finite\.onnx\) scores (NaN|-?Infinity) on a row/),
      expect.stringMatching(/^model f@1 \(zipmap\.onnx\) has an output score that is a sequence or map/),
    ]);
  });

  test("refuses a model's file that a deployment cannot take along, at the model's place", async () => {
    await mkdir(join(folder, "of"));
    file = join(folder, "of", "fraud.ts");
    await copyFile(join(MODELS, "good.onnx"), join(folder, "good.onnx"));
    const { report, errors } = await check(`${EVENTS}${CARD}
      export const checkout = service("checkout", { version: 1, views: { card }, vector: ["card.spend_1h"] });
export const a = model("a", { service: checkout, file: "../good.onnx", output: "score", onStale: "serve" });`);
    expect(errors).toEqual([
      expect.stringMatching(/^model file \.\.\/good\.onnx: .*must lie in the definitions' folder or below/),
    ]);
    const before = `${HEAD}${EVENTS}${CARD}`.split("\n").length + 1;
    expect(report.problems[0]).toMatchObject({ code: "MODEL_INVALID", at: { line: before + 1 } });
  });

  test("tells of a key that a view cannot be read under, and goes on", async () => {
    const { errors } = await check(`${EVENTS}${CARD}
const none = card.by({ aa: "x", card: "payer" });
export const s = service("s", { version: 1, views: { none, odd: card.by(7) }, vector: ["none.txns_1h", "odd.txns_2h"] });
export const t = service("t", { version: 1, views: { card: card.by({ card: "1x" }) }, vector: ["card.txns_1h"] });`);
    expect(errors).toEqual([
      'view "card", by: "aa" is not a field of the entity; it has "card".',
      'view "card", by: 7 is no object; write a key\'s name by field of the entity.',
      expect.stringMatching(/^service "s", vector entry "odd\.txns_2h"/),
      expect.stringMatching(/^view "card", by: "1x" is not a name/),
    ]);
  });

  test("places what the kit refuses of a module's own code", async () => {
    const { report, errors } = await check(`import { parseDuration } from "freshet-kit";
${EVENTS}export const hour = parseDuration("1 h");`);
    expect(errors).toEqual([expect.stringMatching(/"1 h" is not a duration/)]);
    expect(report.problems[0]!.at).toMatchObject({ file });
  });

  test("warns of fields that Parquet's history cannot tell apart", async () => {
    const wide = EVENTS.replace("{ schema,", "{ schema: schema.extend({ Amount: z.number() }),");
    const { warnings, exitCode } = await check(`${wide}${CARD}`);
    expect(exitCode).toBe(0);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^source "events": its fields "amount" and "Amount" are one column "amount" of the history.*rename one, or keep/,
      ),
    );
    const { warnings: none } = await check(`${EVENTS}${CARD}`);
    expect(none.filter((each) => each.includes("history"))).toEqual([]);
  });

  test("warns of items that may pass 350 KB, of long keys, and of what is not deployed; and exits 0", async () => {
    const { warnings, exitCode } = await check(`
      const wide = source("wide", { schema: z.object({ long: z.string().max(1000), at: z.int(), amount: z.number() }), partitionKey: "long", eventTime: "at" });
      export const big = view("big", { version: 1, source: wide, entity: "long", sla: "1m",
        features: (t) => ({ p: t.approxPercentile("amount", { p: 0.5 }).over("24h", { hop: "1m" }) }) });
      ${EVENTS.replace("export ", "")}${CARD.replace("export ", "")}`);
    expect(exitCode).toBe(0);
    expect(warnings).toEqual([
      expect.stringMatching(/^source "events": is neither exported nor used/),
      expect.stringMatching(/^view "card": is neither exported nor used/),
      expect.stringMatching(
        /^view big@1: an item whose tiles are all full takes [\d,.]+ KB.*past 350\.0 KB a record is quarantined as item-full/,
      ),
      expect.stringMatching(
        /^view big@1: the schema lets a key \(long\) grow to 2\.9 KB; past 1\.0 KB it is hashed/,
      ),
      expect.stringMatching(
        /^view big@1: is not in .*fraud\.lock\.json, and loading it where CI is set is refused/,
      ),
    ]);
    expect(await readdir(folder)).toEqual(["fraud.ts"]);
  });

  test("warns of an SLA that a batch would wait past by default", async () => {
    const of = (sla: string) => `${EVENTS}${CARD.replace('"2m"', `"${sla}"`)}`;
    expect((await check(of("1s"))).warnings).toContainEqual(
      expect.stringMatching(/^view card@1: its SLA is 1s, and a batch waits 1s to fill by default/),
    );
    expect((await check(of("2s"))).warnings.filter((each) => each.includes("SLA"))).toEqual([]);
  });

  test("holds views to the lock file: a changed one is an error, an unknown one a warning, or an error when frozen", async () => {
    const other = CARD.replace("const card", "const other").replace('"card", {', '"other", {');
    await writeFile(file, `${HEAD}${EVENTS}${CARD}${other}`);
    expect((await run("lock", file)).exitCode).toBe(0);
    const changed = `${EVENTS}${CARD}${other}`.replaceAll('t.count().over("1h")', 't.count().over("2h")');
    const added = CARD.replace("const card", "const third").replace('"card", {', '"third", {');
    const { errors, warnings } = await check(changed + added);
    expect(errors).toEqual([
      expect.stringMatching(/^view card@1: what it keeps has changed .* Raise its version to 2/),
      expect.stringMatching(/^view other@1: what it keeps has changed/),
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^view third@1: is not in/)]);
    expect((await check(changed + added, "--frozen")).errors).toHaveLength(3);
    vi.stubEnv("CI", "true");
    expect((await check(changed + added)).errors).toHaveLength(3);
    await writeFile(join(folder, "fraud.lock.json"), "[]");
    expect((await check(changed + added)).errors).toEqual([
      expect.stringMatching(/cannot be read as a lock file/),
    ]);
  });

  test("finds every error of a module that does not compile, and keeps what a module found before it threw", async () => {
    const syntax = await check('import "./no";\nimport "./none";');
    expect(syntax.report.problems.map(({ code, at }) => [code, at?.line])).toEqual([
      ["DEFINITIONS_NOT_LOADABLE", 5],
      ["DEFINITIONS_NOT_LOADABLE", 6],
    ]);
    expect(syntax.report.problems.map(({ at }) => at?.file)).toEqual([file, file]);
    const threw = await check(`${EVENTS.replace('"id"', '"ix"')}\nnull.x;`);
    expect(threw.errors).toEqual([
      expect.stringMatching(/threw while it was loaded: Cannot read properties of null/),
      expect.stringMatching(/^source "events": eventId "ix" is not a field/),
    ]);
    expect((await check("export const n = 1;")).errors).toEqual([
      expect.stringMatching(/exports no definitions/),
    ]);
  });

  test("agrees with loading: what has no errors loads, and a single problem is the error of loading", async () => {
    const sound = EVENTS + CARD;
    expect((await check(sound)).errors).toEqual([]);
    await loadDefinitions(file, { lock: "ignore" });
    for (const [right, wrong] of [
      ['"id" }', '"ix" }'],
      ['"2m"', '"2 m"'],
      ['t.sum("amount")', 't.sum("card")'],
      ["version: 1", "version: null"],
      ['source("events"', 'source("1events"'],
      ['t.sum("amount").over("1h")', 't.sum("amount")'],
      ["schema, ", "schema: schema.refine(async () => true), "],
    ] as const) {
      expect(sound).toContain(right);
      const { errors } = await check(sound.replace(right, wrong));
      const refusal = await loadDefinitions(file, { lock: "ignore" }).then(
        () => null,
        (error: Error) => error.message,
      );
      expect(errors, wrong).toEqual([refusal]);
    }
  });

  test("says nothing of a model whose file fits what is left of its service", async () => {
    await copyFile(join(MODELS, "three-columns.onnx"), join(folder, "three-columns.onnx"));
    const code = `${EVENTS}
      export const card = view("card", { version: 1, source: events, entity: "card", sla: "2m",
        features: (t) => ({ spend: t.sum("amuont").over("1h"), txns: t.count().over("1h") }) });
      export const checkout = service("checkout", { version: 1, views: { card }, vector: ["card.spend_1h", "card.txns_1h"] });
      export const a = model("a", { service: checkout, file: "three-columns.onnx", output: "score", onStale: "serve" });`;
    expect((await check(code)).errors).toEqual([expect.stringContaining('sum("amuont") is not of a field')]);
  });

  test("does not try a model's inputs where the service lost a vector entry to a refused feature", async () => {
    await copyFile(join(MODELS, "three-columns.onnx"), join(folder, "three-columns.onnx"));
    const code = `${EVENTS}${CARD}
      export const checkout = service("checkout", { version: 1, views: { card }, request: z.object({ amount: z.number() }),
        vector: ["card.spend_1h", "card.txns_1h", "request.amount"] });
      export const a = model("a", { service: checkout, file: "three-columns.onnx", output: "chance", onStale: "serve" });`;
    expect((await check(code)).errors).toEqual([expect.stringMatching(/^model a@1 .* has no output chance/)]);
    expect((await check(code.replace('t.sum("amount")', 't.sum("amuont")'))).errors).toEqual([
      expect.stringMatching(/^view "card", feature "spend": sum\("amuont"\) is not of a field/),
      expect.stringMatching(/^model a@1 .* has no output chance/),
    ]);
  });

  test("says nothing of a model whose service is refused: its vector is not what was meant", async () => {
    await copyFile(join(MODELS, "three-columns.onnx"), join(folder, "three-columns.onnx"));
    const code = `${EVENTS}${CARD}
      export const checkout = service("checkout", { version: 1, views: { card }, request: z.object({ amount: z.number() }),
        vector: ["card.spend_1h", "card.txns_1h", "request.amuont"] });
      export const a = model("a", { service: checkout, file: "three-columns.onnx", output: "score", onStale: "serve" });`;
    expect((await check(code)).errors).toEqual([
      expect.stringMatching(/^service "checkout", vector entry "request\.amuont"/),
    ]);
    // Two names would be tried with the file's three columns.
    expect((await check(code.replace(', "request.amuont"', ""))).errors).toEqual([
      expect.stringMatching(/^model a@1 \(three-columns\.onnx\) has an input .*\[rows, 3\]/),
    ]);
  });

  test("does not look for the file of a model that is refused: what stands in for it has another", async () => {
    const { errors } = await check(`${EVENTS}${CARD}
      export const checkout = service("checkout", { version: 1, views: { card }, vector: ["card.spend_1h"] });
      export const a = model("a", { service: checkout, file: "", output: "score", onStale: "serve" });`);
    expect(errors).toEqual([expect.stringMatching(/^model "a": file is ""/)]);
  });

  test("does not call what a name used twice took along left out", async () => {
    const again = CARD.replace("const card", "const again");
    const { errors, warnings } = await check(`${EVENTS}${CARD}${again}
      export const s = service("s", { version: 1, views: { card }, vector: ["card.txns_1h"] });`);
    expect(errors).toEqual(['view "card@1": is defined twice; give one another name or version.']);
    expect(warnings.filter((each) => each.includes("neither exported nor used"))).toEqual([]);
  });

  test("prints a block a problem and a sum for reading", async () => {
    await writeFile(file, `${HEAD}${EVENTS}${CARD.replace('"2m"', '"2 m"')}`);
    const { exitCode, printed } = await run("check", file);
    expect(exitCode).toBe(1);
    expect(printed).toMatch(/^error {2}DEFINITION_INVALID.*\n {2}view "card", sla: "2 m" is not/);
    expect(printed).toMatch(/fraud\.ts: 1 error, 0 warnings \(1 source, 1 view, 0 services, 0 models\)\.$/);
    const missing = await run("check", join(folder, "none.ts"));
    expect(missing).toMatchObject({ exitCode: 1, printed: "" });
    expect(missing.errors).toMatch(/^freshet: .*none\.ts: there is no such file/);
    expect((await run("check", folder)).errors).toMatch(/^freshet: .*: it is a folder; give the module/);
  });

  test("as a process: says in which line a definition begins, and exits 1", async () => {
    const code = `${EVENTS}\n${CARD.replace('"2m"', '"2 m"')}\nexport const by = card.by({ aa: "x" });\nnull.x;`;
    await writeFile(file, HEAD + code);
    const failed = await promisify(execFile)(process.execPath, [
      ...["--import", "tsx", "bin/freshet.ts", "check", file, "--json"],
    ]).catch((error: { code: number; stdout: string; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 1, stderr: "" });
    const { problems } = JSON.parse(failed.stdout) as CheckReport;
    expect(problems.map(({ message, at }) => [message.slice(0, 11), at])).toEqual([
      [file.slice(0, 11), { file, line: 11, column: 6 }],
      ['view "card"', { file, line: 7, column: 21 }],
      ['view "card"', { file, line: 10, column: 24 }],
    ]);
  });

  test("has nothing to say about the example but what it knows", async () => {
    const { exitCode, printed } = await run("check", "examples/flights/definitions.ts");
    expect(exitCode).toBe(0);
    expect(printed).toMatch(
      /^examples\/flights\/definitions\.ts: .*\(2 sources, 6 views, 2 services, 2 models\)\.$/m,
    );
  });
});

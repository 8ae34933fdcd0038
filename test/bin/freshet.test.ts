import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Description } from "../../bin/describe/description.ts";
import packageJson from "../../package.json" with { type: "json" };
import { run } from "./run-command.ts";

const FRAUD = "test/define/fixtures/fraud.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-command-"));
});
afterEach(() => vi.unstubAllEnvs());
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("freshet describe", () => {
  test("prints windows, hops, tiles, bounds and prices of each view", async () => {
    const { exitCode, printed, errors } = await run("describe", FRAUD);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
    expect(printed).toMatch(
      /^view card@1\n {2}about +What a card has spent\.\n {2}owner +payments\n {2}source +transactions\n {2}entity +card$/m,
    );
    expect(printed).toMatch(/^ {2}SLA +2m$/m);
    expect(printed).toMatch(/^ {2}dedup +the last 128 ids of 24h$/m);
    expect(printed).toMatch(/^ {2}spend_24h +sum of amount +last 24h by 1h +null$/m);
    expect(printed).toMatch(/^ {2}big_1h +count where channel = "web" and amount > 500 +last 1h by 5m +0$/m);
    expect(printed).toMatch(/^ {2}odd_24h +count where row=>row\.amount%100===0 +last 24h by 1h +0$/m);
    expect(printed).toMatch(/^ {2}sum of amount +\d+ +10s, 5m, 1h$/m);
    expect(printed).toMatch(/^ {2}10s +5m +61 +\d+$/m);
    expect(printed).toMatch(/^ {2}a write +1 to \d+ write units$/m);
    expect(printed).toMatch(/^ {2}a read +one item, 1 to \d+ read units/m);
    expect(printed).toMatch(/^ {2}item +\d+ B at 20 events a day, at most [\d.]+ KB/m);
    expect(printed).toMatch(/^ {2}entity +card \+ merchant$/m);
    expect(printed).toMatch(/^ {2}view +payer = account@1 by account from payer$/m);
    expect(printed).toMatch(/^ {2}vector 4 +ratio, 0 for null$/m);
    expect(printed).toMatch(/^ {2}file +fraud\.onnx, output probability\n {2}when stale +answer 503$/m);
  });

  test("prints one JSON object with --json", async () => {
    const { exitCode, printed } = await run("describe", FRAUD, "--json");
    expect(exitCode).toBe(0);
    const description = JSON.parse(printed) as Description;
    const card = description.views.find(({ name }) => name === "card");
    expect(card).toMatchObject({
      entity: ["card"],
      writers: "single",
      slaMs: 120_000,
      dedup: { horizonMs: 86_400_000, count: 128 },
      itemsARead: "one",
      owner: "payments",
    });
    expect(card?.features.map(({ name }) => name)).toContain("channel_1h.atm");
    expect(card?.item.levels.map(({ hopMs }) => hopMs)).toEqual([10_000, 300_000, 3_600_000]);
    expect(card?.item.bound.writeUnits).toBe(Math.ceil(card!.item.bound.bytes / 1024));
    expect(description.services[0]?.views.payer).toEqual({ view: "account@1", keys: { account: "payer" } });
    expect(description.models[0]).toMatchObject({ name: "fraud", onStale: "reject", service: "checkout@1" });
  });

  test("tells many-writer, lifetime and oversized views as such", async () => {
    const file = join(folder, "wide.ts");
    await writeFile(
      file,
      `import { source, view } from "freshet-kit";
      import { z } from "zod";
      const events = source("events", {
        schema: z.object({ card: z.string(), shop: z.string(), amount: z.number(), at: z.int(), seen: z.int() }),
        partitionKey: "card", eventTime: "at", arrivalTime: "seen", clockSkew: "2s" });
      export const shop = view("shop", { version: 2, source: events, entity: "shop", sla: "1m", where: { amount: 1 },
        features: (t) => ({ p: t.approxPercentile("amount", { p: 0.9 }).over("24h", { hop: "1m" }) }) });
      export const all = view("all", { version: 1, source: events, sla: "1m", allowedLateness: "26h",
        features: (t) => ({ n: t.count().tumbling("1h") }) });
      export const card = view("card", { version: 1, source: events, entity: "card", sla: "1m",
        features: (t) => ({ n: t.count().lifetime(), m: t.max("amount", { default: -1 }).over("30d") }) });`,
    );
    const { printed } = await run("describe", file);
    expect(printed).toMatch(/^ {2}arrival +seen$/m);
    expect(printed).toMatch(/^ {2}event id +none/m);
    expect(printed).toMatch(/^ {2}writers +one a shard, merged when read$/m);
    expect(printed).toMatch(/^ {2}where +amount = 1$/m);
    expect(printed).toMatch(
      /^ {2}item +\d+ B at 20 events a day, at most 351\.\d KB, for each shard \(key 1\.1 KB, position 46 B, state 350\.0 KB, past which a record is quarantined as item-full\)\n {15}without that limit, the state could grow to 10175\.\d KB \(header 58 B, dedup 1 B, tiles 10175\.\d KB\)$/m,
    );
    expect(printed).toMatch(
      /^ {2}item +\d+ B at 20 events a day, at most [\d.]+ KB \(key 1\.1 KB, header 58 B, position 138 B, dedup 1 B, tiles [\d.]+ (KB|B)\)$/m,
    );
    expect(printed).toMatch(/^ {2}a read +one item for each shard, 1 to \d+ read units each/m);
    expect(printed).toMatch(/^ {2}entity +none: one for all events$/m);
    expect(printed).toMatch(/^ {2}lateness +26h allowed, 26h5m2s of slack in all$/m);
    expect(printed).toMatch(
      /^ {2}n_tumbling_1h +count +last closed 1h by 1h +0\n {2}n_tumbling_1h_current +count +current 1h by 1h +0$/m,
    );
    expect(printed).toMatch(/^ {2}expires +never$/m);
    expect(printed).toMatch(/^ {2}m_30d +max of amount +last 30d by 24h +-1$/m);
    expect(printed).toMatch(/^ {2}lifetime +- +1 +\d+$/m);
  });

  test("tells hopping windows, sessions and defaults, and all parts of an item", async () => {
    const file = join(folder, "visits.ts");
    await writeFile(
      file,
      `import { source, view } from "freshet-kit";
      import { z } from "zod";
      const events = source("events", {
        schema: z.object({ card: z.string(), amount: z.number(), at: z.int() }), partitionKey: "card", eventTime: "at" });
      export const card = view("card", { version: 1, source: events, entity: "card", sla: "1m",
        features: (t) => ({ visit: t.sum("amount").session({ gap: "30m", max: "12h" }), h: t.count().hopping("30m", { slide: "15m" }), none: t.count({ default: null }).over("1h") }) });
      export const visits = view("visits", { version: 1, source: events, entity: "card", sla: "1m",
        features: (t) => ({ n: t.count().session({ gap: "30m", max: "12h" }) }) });`,
    );
    const { printed, exitCode } = await run("describe", file);
    expect(exitCode).toBe(0);
    expect(printed).toMatch(
      /^ {2}visit_session_\w+ +sum of amount +session of gaps below 30m, at most 12h +null$/m,
    );
    expect(printed).toMatch(/^ {2}h_\w+ +count +last closed 30m every 15m by 5m +0$/m);
    expect(printed).toMatch(/^ {2}none_1h +count +last 1h by 5m +null$/m);
    expect(printed).toMatch(/^ {2}sum of amount +\d+ +sessions$/m);
    expect(printed).toMatch(
      /^ {2}sessions of +at most +kept at most +bytes a session\n {2}gaps below 30m +12h +\d+ +\d+$/m,
    );
    const { views } = JSON.parse((await run("describe", file, "--json")).printed) as Description;
    for (const { item } of views) {
      const parts = [...item.levels, ...item.sessions].reduce((sum, { bytes }) => sum + bytes, 0);
      expect(item.imageBytes).toBe(item.headerBytes + item.dedupBytes + parts);
      expect(item.bound.bytes).toBe(item.imageBytes + item.positionBytes + item.keyBytes);
    }
  });

  test("tells what a column is kept by, and durations as users write them", async () => {
    const file = join(folder, "shops.ts");
    await writeFile(
      file,
      `import { source, view } from "freshet-kit";
      import { z } from "zod";
      const events = source("events", {
        schema: z.object({ card: z.string(), shop: z.string(), amount: z.number(), at: z.int() }), partitionKey: "card", eventTime: "at" });
      export const card = view("card", { version: 1, source: events, entity: "card", sla: "1m",
        features: (t) => ({
          shop: t.sum("amount", { by: "shop", where: { amount: 1 } }).over("1h"),
          hot: t.expDecaySum("amount", { halfLife: "7d" }).over("30d"),
          shops: t.expDecayCount({ halfLife: "36h", by: "shop", maxKeys: 3 }).over("30d"),
          rate: t.rate({ per: "1m" }).over("1h"),
        }) });`,
    );
    const { printed } = await run("describe", file);
    expect(printed).toMatch(/^ {2}shop_1h +sum by shop \(32 keys\) of amount where amount = 1 +last 1h/m);
    expect(printed).toMatch(/^ {2}hot_30d +expDecaySum halfLife 7d of amount +last 30d/m);
    expect(printed).toMatch(/^ {2}shops_30d +expDecayCount halfLife 36h by shop \(3 keys\) +last 30d/m);
    expect(printed).toMatch(/^ {2}rate_1h +rate per 1m +last 1h/m);
    expect(printed).toMatch(/^ {2}keyed\/32\/sum by shop of amount where amount = 1 +\d+ +5m$/m);
    expect(printed).toMatch(/^ {2}decayed\/sum\/7d of amount +\d+ +24h$/m);
    expect(printed).toMatch(/^ {2}keyed\/3\/decayed\/count\/36h by shop +\d+ +24h$/m);
    expect(printed).not.toMatch(/Ms\b|604800000|129600000/);
    const { views } = JSON.parse((await run("describe", file, "--json")).printed) as Description;
    expect(views[0]!.columns.map(({ by }) => by)).toEqual(["shop", null, "shop", null]);
  });

  test("reads the lock file and leaves it alone: a version that has changed is an error", async () => {
    const file = join(folder, "fraud.ts");
    const lock = join(folder, "fraud.lock.json");
    await copyFile(FRAUD, file);
    expect((await run("describe", file)).exitCode).toBe(0);
    for (const [locked, error] of [
      ["not JSON", "cannot be read as a lock file"],
      ['{ "card@1": "0" }', "view card@1: what it keeps has changed"],
    ] as const) {
      await writeFile(lock, locked);
      const { exitCode, errors } = await run("describe", file);
      expect(exitCode).toBe(1);
      expect(errors).toContain(error);
      expect(await readFile(lock, "utf8")).toBe(locked);
    }
  });
});

describe("freshet lock", () => {
  test("writes the lock file, also where CI is set, and refuses a change", async () => {
    const file = join(folder, "fraud.ts");
    const lock = join(folder, "fraud.lock.json");
    await copyFile(FRAUD, file);
    vi.stubEnv("CI", "true");
    expect(await run("lock", file)).toEqual({ exitCode: 0, errors: "", printed: `${lock}: 3 views locked.` });
    const again = await run("lock", file, "--json");
    expect(JSON.parse(again.printed)).toEqual({
      lockFile: lock,
      views: ["account@1", "card@1", "card_merchant@1"],
    });
    expect(Object.keys(JSON.parse(await readFile(lock, "utf8")))).toEqual([
      "account@1",
      "card@1",
      "card_merchant@1",
    ]);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('over("10m")', 'over("10m", { hop: "1m" })'));
    const { exitCode, errors } = await run("lock", file);
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/^freshet: view account@1: .* Raise its version to 2/);
  });
});

describe("freshet", () => {
  test("prints help and version, and exits 0", async () => {
    const help = await run("--help");
    expect(help.exitCode).toBe(0);
    for (const command of ["describe", "check", "lock"]) {
      expect(help.printed).toMatch(new RegExp(`^ +${command} .*<definitions>`, "m"));
      const { exitCode, printed } = await run(command, "--help");
      expect(exitCode).toBe(0);
      expect(printed).toMatch(/--json/);
      expect(printed).toMatch(/^Exit code: 0/m);
    }
    expect(await run("--version")).toEqual({ exitCode: 0, printed: packageJson.version, errors: "" });
  });

  test.each([
    ["no command", []],
    ["an unknown command", ["descibe", FRAUD]],
    ["an unknown option", ["describe", FRAUD, "--yaml"]],
    ["no definitions", ["describe"]],
    ["too many", ["describe", FRAUD, FRAUD]],
  ])("exits 2 for %s", async (_, parameters) => {
    const { exitCode, printed, errors } = await run(...parameters);
    expect(exitCode).toBe(2);
    expect(printed).toBe("");
    expect(errors).not.toBe("");
  });

  test("as a process: one line of error without a stack, exit code 1", async () => {
    const failed = await promisify(execFile)(process.execPath, [
      "--import",
      "tsx",
      "bin/freshet.ts",
      "describe",
      "nope.ts",
    ]).catch((error: { code: number; stdout: string; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(/^freshet: .*nope\.ts: there is no such file; .*\n$/);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRecount, type Recount } from "../../../examples/clicks/check/recount.ts";

const NOON = Date.UTC(2024, 2, 1, 12);
const SECOND = 1_000;
const MINUTE = 60_000;

/** An event at a number of seconds after noon, that came in so many seconds later. */
function line(id: string, user: string, atSeconds: number, lateSeconds = 0): string {
  const at = NOON + atSeconds * SECOND;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return JSON.stringify({ id, user, page: "/", at: iso(at), arrivedAt: iso(at + lateSeconds * SECOND + 1) });
}

describe("the recount in SQL, on events made by hand", () => {
  let folder: string;
  let recount: Recount;
  const open = async (lines: readonly string[]): Promise<Recount> => {
    const file = join(folder, "raw.jsonl");
    await writeFile(file, `${lines.join("\n")}\n`);
    return openRecount(file);
  };
  const at = async (seconds: number, user: string) => {
    const moment = NOON + seconds * SECOND;
    return (await recount.users(moment, moment)).get(user);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "recount-"));
    recount = await open([
      // Ann: out of order, and twice.
      line("a1", "ann", 0),
      line("a3", "ann", 100),
      line("a2", "ann", 70, 35),
      line("a3", "ann", 100, 4),
      // 180 seconds after the last: another session.
      line("a4", "ann", 280),
      // Bob clicks every 100 seconds: a session ends when it would be longer than 900.
      ...Array.from({ length: 12 }, (_, i) => line(`b${i}`, "bob", 100 * i)),
      ...Array.from({ length: 50 }, (_, i) => line(`c${i}`, "cat", 600 + i)),
      ...Array.from({ length: 51 }, (_, i) => line(`d${i}`, "dan", 600 + i)),
    ]);
  });
  afterAll(async () => {
    recount.close();
    await rm(folder, { recursive: true });
  });

  test("knows what had come in, once", async () => {
    expect((await at(101, "ann"))?.total).toBe(2);
    expect((await at(106, "ann"))?.total).toBe(3);
    expect((await at(101, "dan")) ?? null).toBeNull();
    expect(await recount.records()).toEqual({ put: 118, distinct: 117 });
  });

  test("rolls five minutes by ten seconds", async () => {
    expect((await at(300, "ann"))?.rolling).toBe(4);
    expect((await at(309, "ann"))?.rolling).toBe(4);
    expect((await at(310, "ann"))?.rolling).toBe(3);
  });

  test("counts the minute that is over", async () => {
    expect((await at(119, "ann"))?.lastMinute).toBe(1);
    expect((await at(120, "ann"))?.lastMinute).toBe(2);
    expect((await at(180, "ann"))?.lastMinute).toBe(0);
  });

  test("ends a session at its gap, and not before", async () => {
    expect(await at(279, "ann")).toMatchObject({ visitClicks: 3, visitStartMs: NOON });
    expect(await at(280, "ann")).toMatchObject({ visitClicks: 0, visitStartMs: null });
    expect(await at(281, "ann")).toMatchObject({ visitClicks: 1, visitStartMs: NOON + 280 * SECOND });
  });

  test("cuts a session at its longest, and not before", async () => {
    expect(await at(901, "bob")).toMatchObject({ visitClicks: 10, visitStartMs: NOON });
    expect(await at(1_001, "bob")).toMatchObject({ visitClicks: 1, visitStartMs: NOON + 1_000 * SECOND });
    expect(await at(1_101, "bob")).toMatchObject({ visitClicks: 2, visitStartMs: NOON + 1_000 * SECOND });
  });

  test("alerts above fifty clicks, not at fifty, and tells users apart", async () => {
    const minutes = await recount.minutes();
    expect(minutes.get(NOON + 10 * MINUTE)).toEqual({ active: 3, alerts: [{ user: "dan", clicks: 51 }] });
    expect(minutes.get(NOON)).toEqual({ active: 2, alerts: [] });
    expect(minutes.get(NOON + 3 * MINUTE)).toEqual({ active: 1, alerts: [] });
    expect(minutes.has(NOON + 2 * MINUTE)).toBe(false);
  });

  test("refuses what is no event", async () => {
    const file = join(folder, "broken.jsonl");
    await writeFile(file, "{not json\n");
    await expect(openRecount(file)).rejects.toThrow();
  });
});

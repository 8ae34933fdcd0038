import { describe, expect, test } from "vitest";
import type { Recount } from "../../../examples/clicks/check/recount.ts";
import { type Served, verify } from "../../../examples/clicks/check/verify.ts";
import type { UserReading } from "../../../examples/clicks/read/users.ts";

const MINUTE_MS = Date.UTC(2024, 2, 1, 12);
const MOMENT_MS = MINUTE_MS + 105_000;

const recounted = { rolling: 53, lastMinute: 51, total: 53, visitClicks: 53, visitStartMs: MINUTE_MS };
const recount: Recount = {
  users: async () => new Map([["ann", recounted]]),
  minutes: async () => new Map([[MINUTE_MS, { active: 1, alerts: [{ user: "ann", clicks: 51 }] }]]),
  records: async () => ({ put: 55, distinct: 53 }),
  close: () => {},
};

const ann: UserReading = { ...recounted, user: "ann", asOfMs: MOMENT_MS, known: true, status: "warming" };
const bob: UserReading = {
  ...ann,
  user: "bob",
  known: false,
  rolling: 0,
  lastMinute: 0,
  total: 0,
  visitClicks: 0,
  visitStartMs: null,
};
const moment: Served["moments"][number] = {
  momentMs: MOMENT_MS,
  users: [ann, bob],
  minute: {
    minuteMs: MINUTE_MS,
    status: "fresh",
    active: 1,
    alerts: [{ user: "ann", clicks: 51 }],
    suspects: 1,
  },
  missing: [],
};
const counts = { folded: 53, duplicate: 2, late: 0, quarantined: 0 };
const served: Served = {
  moments: [moment],
  series: { fromMs: 0, minutes: [{ minuteMs: MINUTE_MS, users: 1 }] },
  put: 55,
  views: { "site@1": counts },
};

async function differing(changed: Partial<Served>): Promise<readonly string[]> {
  const { differences } = await verify({ ...served, ...changed }, recount);
  return differences.map(({ subject, feature }) => `${subject} ${feature}`);
}

const withAnn = (change: Partial<UserReading>): Partial<Served> => ({
  moments: [{ ...moment, users: [{ ...ann, ...change }, bob] }],
});
const withMinute = (change: Partial<typeof moment.minute>): Partial<Served> => ({
  moments: [{ ...moment, minute: { ...moment.minute, ...change } }],
});

describe("what was served against the recount", () => {
  test("agrees where nothing is wrong, and says how much it compared", async () => {
    expect(await verify(served, recount)).toEqual({ differences: [], values: 25 });
  });

  test.each(["rolling", "lastMinute", "total", "visitClicks"] as const)("tells a wrong %s", async (name) => {
    expect(await differing(withAnn({ [name]: 52 }))).toEqual([`ann ${name}`]);
  });

  test("tells a session that began at another time, or not at all", async () => {
    expect(await differing(withAnn({ visitStartMs: MINUTE_MS + 1 }))).toEqual(["ann visitStartMs"]);
    expect(await differing(withAnn({ visitStartMs: null }))).toEqual(["ann visitStartMs"]);
  });

  test("tells a user not known, one that was not read, a stale answer, and one as of another time", async () => {
    expect(await differing(withAnn({ known: false }))).toEqual(["ann known"]);
    expect(await differing({ moments: [{ ...moment, users: [bob] }] })).toEqual(["ann known"]);
    expect(await differing(withAnn({ status: "stale" }))).toEqual(["ann status"]);
    expect(await differing(withAnn({ asOfMs: MOMENT_MS + 1 }))).toEqual(["ann as-of time"]);
  });

  test("tells a wrong number of active users, a missing alert and one too many", async () => {
    const minute = new Date(MINUTE_MS).toISOString();
    const above = `${minute} users above 50 clicks`;
    expect(await differing(withMinute({ active: 2 }))).toEqual([`${minute} active users`]);
    expect(await differing(withMinute({ alerts: [] }))).toEqual([above]);
    const more = [...moment.minute.alerts, { user: "bob", clicks: 60 }];
    expect(await differing(withMinute({ alerts: more }))).toEqual([above]);
  });

  test("tells a click that no answer came to have", async () => {
    const minute = new Date(MINUTE_MS).toISOString();
    expect(await differing({ moments: [{ ...moment, missing: ["a7"] }] })).toEqual([`${minute} a7`]);
  });

  test("tells a minute of the series that is off, missing, or too many", async () => {
    const off = [{ minuteMs: MINUTE_MS, users: 2 }];
    const more = [...served.series.minutes, { minuteMs: MINUTE_MS + 60_000, users: 1 }];
    expect(await differing({ series: { fromMs: 0, minutes: off } })).toEqual(["active_users users"]);
    expect(await differing({ series: { fromMs: 0, minutes: [] } })).toEqual(["active_users users"]);
    expect(await differing({ series: { fromMs: 0, minutes: more } })).toEqual(["active_users users"]);
  });

  test("tells counts that do not come to what was put", async () => {
    expect(await differing({ put: 54 })).toEqual(["clicks records put"]);
    for (const name of ["folded", "duplicate", "late", "quarantined"] as const) {
      expect(await differing({ views: { "site@1": { ...counts, [name]: 7 } } })).toEqual([`site@1 ${name}`]);
    }
  });
});

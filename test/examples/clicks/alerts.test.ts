import { describe, expect, test } from "vitest";
import { readMinute } from "../../../examples/clicks/read/alerts.ts";
import type { ClicksApi } from "../../../examples/clicks/run/pipeline.ts";

const AS_OF = "2024-03-01T12:01:45.000Z";

/** An API of a site whose sketch may have lost what it will; each user's own count is exact. */
function apiOf(options: {
  readonly clicks: number;
  readonly busiest: readonly { readonly value: string; readonly count: number }[] | null;
  readonly counts: Readonly<Record<string, number>>;
}): { readonly api: ClicksApi; readonly read: string[] } {
  const read: string[] = [];
  const answer = { asOf: AS_OF, status: "fresh", known: true };
  const site = {
    ...answer,
    features: {
      clicks_tumbling_1m: options.clicks,
      active_tumbling_1m: Object.keys(options.counts).length,
      busiest_tumbling_1m: options.busiest,
    },
  };
  const api = {
    traffic: { features: async () => ({ site }) },
    visitor: {
      featuresMany: async (requests: readonly { readonly keys: { readonly user: string } }[]) =>
        requests.map(({ keys }) => {
          read.push(keys.user);
          return {
            user: { ...answer, key: keys, features: { clicks_tumbling_1m: options.counts[keys.user] ?? 0 } },
          };
        }),
    },
  };
  return { api: api as unknown as ClicksApi, read };
}

describe("alerts of the last minute", () => {
  test("reads the users that the site names, and takes their own counts", async () => {
    const counts = { ann: 51, bob: 50, cat: 3 };
    const busiest = [
      { value: "ann", count: 51 },
      { value: "bob", count: 50 },
      { value: "cat", count: 3 },
    ];
    const { api, read } = apiOf({ clicks: 104, busiest, counts });
    const minute = await readMinute(api, Object.keys(counts));
    expect(minute).toMatchObject({ active: 3, alerts: [{ user: "ann", clicks: 51 }] });
    expect(minute.minuteMs).toBe(Date.parse("2024-03-01T12:00:00Z"));
    // Bob's count may be low by 104 / 65.
    expect(read).toEqual(["ann", "bob"]);
  });

  test("reads every user when the sketch may have missed one", async () => {
    const counts = { ann: 60, bob: 51 };
    const { api, read } = apiOf({ clicks: 3_300, busiest: [{ value: "ann", count: 60 }], counts });
    const { alerts, suspects } = await readMinute(api, ["ann", "bob", "cat"]);
    expect(alerts.map(({ user }) => user)).toEqual(["ann", "bob"]);
    expect(read).toEqual(["ann", "bob", "cat"]);
    expect(suspects).toBe(3);
  });

  test("reads every user when the list is full of such", async () => {
    const names = Array.from({ length: 25 }, (_, index) => `u${index}`);
    const counts = Object.fromEntries(names.map((name) => [name, 52]));
    const busiest = names.slice(0, 20).map((value) => ({ value, count: 52 }));
    const { api } = apiOf({ clicks: 25 * 52, busiest, counts });
    expect((await readMinute(api, names)).alerts).toHaveLength(25);
  });

  test("reads nobody where nothing was clicked", async () => {
    const { api, read } = apiOf({ clicks: 0, busiest: null, counts: {} });
    expect(await readMinute(api, ["ann"])).toMatchObject({ active: 0, alerts: [], suspects: 0 });
    expect(read).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import type { FeatureReader } from "../../lib/online/reader.ts";
import { fakeReader } from "./fixtures/fake-reader.ts";
import { harness, problemOf } from "./fixtures/harness.ts";

describe("GET /v1/views/{view}/history", () => {
  it.each([
    ["no key", "", "?key.card", "missing"],
    ["a key that the view has not", "key.card=c&key.merchant=1", "?key.merchant", "unknown-field"],
    ["a key twice", "key.card=c&key.card=d", "?key.card", "invalid-value"],
    ["a key that its schema refuses", "key.card=", "?key.card", "invalid-value"],
    ["a feature that the view has not", "key.card=c&feature=spend_2h", "?feature", "invalid-value"],
    ["a parameter that there is not", "key.card=c&since=1", "?since", "unknown-field"],
    ["a time without an offset", "key.card=c&from=2026-03-01T00:00:00", "?from", "invalid-value"],
    ["a time that is none", "key.card=c&to=now", "?to", "invalid-value"],
    ["times in the wrong order", "key.card=c&from=2000&to=1000", "?from", "invalid-value"],
    ["a time from itself on", "key.card=c&from=1000&to=1000", "?from", "invalid-value"],
  ])("refuses %s", async (_, query, pointer, issue) => {
    const { get } = harness();
    const response = await get(`/v1/views/card/history?${query}`);
    expect(response.status).toBe(400);
    const document = await problemOf(response);
    expect(document.type).toBe("/problems/invalid-request");
    expect(document.errors).toEqual([{ pointer, issue, detail: expect.stringMatching(/./) }]);
  });

  it.each([
    [
      "from=2026-03-01T00:00:00",
      '"2026-03-01T00:00:00" is no time; write ISO 8601 with Z or an offset, or epoch milliseconds.',
    ],
    ["from=2000&to=1000", "2000 is not before to, 1000."],
  ])("says what is wrong with %s", async (query, detail) => {
    const { get } = harness();
    const { errors } = await problemOf(await get(`/v1/views/card/history?key.card=c&${query}`));
    expect(errors!.map((each) => each.detail)).toEqual([detail]);
  });

  it("reads a key as the type of its field", async () => {
    const { get, reader } = harness();
    expect((await get("/v1/views/pair/history?key.card=7&key.merchant=17")).status).toBe(200);
    expect(reader.calls.at(-1)![0]!.key).toEqual(["7", 17]);
    const response = await get("/v1/views/pair/history?key.card=7&key.merchant=seventeen");
    expect((await problemOf(response)).errors).toMatchObject([
      { pointer: "?key.merchant", issue: "wrong-type" },
    ]);
  });

  it("answers 404 to an unknown view, and asks for a version where there are several", async () => {
    const { get } = harness();
    const unknown = await get("/v1/views/crad/history?key.card=c");
    expect([unknown.status, (await problemOf(unknown)).type]).toEqual([404, "/problems/unknown-view"]);
    const several = await get("/v1/views/account_before/history?key.account=ann");
    expect([several.status, (await problemOf(several)).errors?.[0]?.pointer]).toEqual([400, "{view}"]);
  });

  it("refuses an answer of too many tiles, and says how to ask for less", async () => {
    const fake = fakeReader();
    const reader: FeatureReader = {
      ...fake,
      readHistory: async (request) => ({
        ...(await fake.readHistory(request)),
        series: [
          {
            features: ["spend_1h"],
            emptyValue: null,
            stretches: [],
            tiles: Array.from({ length: 11 }, (_, i) => ({ startMs: i, endMs: i + 1, value: 1 })),
          },
        ],
      }),
    };
    const path = "/v1/views/card/history?key.card=c";
    expect((await harness({ reader, limits: { historyTiles: 11 } }).get(path)).status).toBe(200);
    const response = await harness({ reader, limits: { historyTiles: 10 } }).get(path);
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({
      type: "/problems/range-too-wide",
      detail: expect.stringContaining("11 tiles, at most 10"),
    });
  });

  it("says a violated SLA in the header", async () => {
    const { get, reader } = harness();
    reader.changes.card = { lagMs: null, status: "unknown" };
    const response = await get("/v1/views/card/history?key.card=c");
    expect([response.status, response.headers.get("X-Freshness-Violation")]).toEqual([200, "card=unknown"]);
  });
});

import { describe, expect, it } from "vitest";
import { featuresOf, harness, problemOf } from "./fixtures/harness.ts";

describe("POST /v1/features", () => {
  it("reads one view of an entity", async () => {
    const { post, reader } = harness();
    const response = await post("/v1/features", { view: "pair", keys: { merchant: 17, card: "c1" } });
    expect(response.status).toBe(200);
    expect(await featuresOf(response)).toEqual({
      requestId: "id-1",
      views: {
        pair: {
          view: "pair",
          version: 1,
          key: { card: "c1", merchant: 17 },
          known: true,
          asOf: "2026-03-01T12:00:00.000Z",
          lagMs: 1_500,
          slaMs: 120_000,
          status: "fresh",
          warming: false,
          consistent: true,
          policy: "serve",
          position: [expect.objectContaining({ writer: "0badf00d/shardId-000000000000" })],
          features: { txns_1h: 1 },
        },
      },
    });
    expect(reader.calls[0]![0]!.key).toEqual(["c1", 17]);
  });

  it("reads all views of a service in one call", async () => {
    const { post, reader } = harness();
    const response = await post("/v1/features", { service: "checkout", keys: { card: "c1", payer: "ann" } });
    const { views } = await featuresOf(response);
    expect(Object.keys(views)).toEqual(["card", "payer"]);
    expect(views.payer).toMatchObject({
      view: "account",
      key: { account: "ann" },
      features: { failures_10m: 1 },
    });
    expect(reader.calls).toHaveLength(1);
  });

  it("finds a view and a service by name@version", async () => {
    const { post, reader } = harness();
    expect((await post("/v1/features", { view: "card@2", keys: { card: "c1" } })).status).toBe(200);
    expect(
      (await post("/v1/features", { service: "checkout@3", keys: { card: "c", payer: "p" } })).status,
    ).toBe(200);
    await post("/v1/features", { view: "account_before@2", keys: { account: "ann" } });
    expect(reader.calls.at(-1)![0]!.plan.id).toBe("account_before@2");
  });

  it("asks for the version where a view has several", async () => {
    const { post } = harness();
    const response = await post("/v1/features", { view: "account_before", keys: { account: "ann" } });
    expect(response.status).toBe(400);
    expect((await problemOf(response)).detail).toContain("account_before@1, account_before@2");
  });

  it("tells an entity never seen from one with nulls", async () => {
    const { post, reader } = harness();
    reader.changes.card = { known: false, values: { spend_1h: null, txns_1h: 0 } };
    const { views } = await featuresOf(
      await post("/v1/features", { view: "card", keys: { card: "nobody" } }),
    );
    expect(views.card).toMatchObject({ known: false, features: { spend_1h: null, txns_1h: 0 } });
  });

  it("says a violated SLA in the header", async () => {
    const { post, reader } = harness();
    reader.changes.card = { lagMs: null, status: "unknown" };
    const response = await post("/v1/features", { view: "card", keys: { card: "c1" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Freshness-Violation")).toBe("card=unknown");
    expect((await featuresOf(response)).views.card).toMatchObject({ status: "unknown", lagMs: null });
  });

  it.each([
    ["view", "unknown-view", "card@2"],
    ["service", "unknown-service", "checkout@3"],
  ])("answers 404 to an unknown %s and names those there are", async (kind, problem, known) => {
    const { post } = harness();
    const response = await post("/v1/features", { [kind]: "nothing", keys: {} });
    expect(response.status).toBe(404);
    expect(await problemOf(response)).toMatchObject({
      type: `/problems/${problem}`,
      detail: expect.stringContaining(known),
    });
  });

  it.each([
    ["missing", { keys: {} }],
    ["invalid-value", { view: "card", service: "checkout", keys: { card: "c1" } }],
  ])("wants a view or a service, not both or neither: %s", async (issue, body) => {
    const { post } = harness();
    const response = await post("/v1/features", body);
    expect(response.status).toBe(400);
    const { detail, errors } = await problemOf(response);
    expect(detail).toContain("either a view or a service");
    expect(errors).toMatchObject([{ pointer: "#/view", issue }]);
  });

  it("says what names the one entity of a view that has none", async () => {
    const { post } = harness();
    const { errors } = await problemOf(await post("/v1/features", { view: "card" }));
    expect(errors).toMatchObject([
      {
        pointer: "#/keys",
        issue: "missing",
        detail: expect.stringContaining("`{}` where the view has no entity"),
      },
    ]);
  });
});

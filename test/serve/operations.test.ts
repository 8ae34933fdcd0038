import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { harness, problemOf, REQUEST } from "./fixtures/harness.ts";

describe("GET /healthz and /readyz", () => {
  it("answer ok", async () => {
    const { get } = harness();
    for (const path of ["/healthz", "/readyz"]) {
      const response = await get(path);
      expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
    }
  });

  it("tell a process that answers from a store that does not", async () => {
    const { get, log } = harness({
      checkReady: async () => {
        throw new Error("connect ECONNREFUSED 10.0.0.7");
      },
    });
    expect((await get("/healthz")).status).toBe(200);
    const response = await get("/readyz");
    expect(response.status).toBe(503);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(response.headers.get("Retry-After")).toBe("5");
    const document = await problemOf(response);
    expect(document.type).toBe("/problems/not-ready");
    expect(document.detail).not.toContain("10.0.0.7");
    expect(log.find(({ level }) => level === "error")?.fields.error).toMatchObject({
      message: "connect ECONNREFUSED 10.0.0.7",
    });
  });
});

// One sample of the Prometheus text format: name, labels, value.
const SAMPLE = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})? (NaN|[+-]Inf|[-+\d.eE]+)$/;

async function samples(get: (path: string) => Promise<Response>): Promise<Map<string, number>> {
  const response = await get("/metrics");
  expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(text.endsWith("\n")).toBe(true);
  const lines = text.split("\n").filter((line) => line !== "" && !/^# (HELP|TYPE) [\w:]+ ./.test(line));
  return new Map(
    lines.map((line) => {
      const [, name, labels, value] = SAMPLE.exec(line) ?? expect.fail(`not a sample: ${line}`);
      return [`${name}${labels ?? ""}`, Number(value)];
    }),
  );
}

describe("GET /metrics", () => {
  it("counts predictions by policy, requests by route, and violations by view", async () => {
    const { get, post, reader } = harness();
    await post("/v1/predict", REQUEST);
    reader.changes.card = { lagMs: 250_000, status: "stale" };
    for (const onStale of ["serve", "default", "fallback", "reject"])
      await post("/v1/predict", { ...REQUEST, onStale });
    await post("/v1/features", { view: "card", keys: { card: "c1" } });
    await get("/no/such/path");
    await get("/nor/this");
    const values = await samples(get);
    const prediction = (scoredBy: string, policy: string) =>
      values.get(`freshet_predictions_total{model="fraud",scored_by="${scoredBy}",policy="${policy}"}`);
    expect(prediction("fraud", "serve")).toBe(2);
    expect(prediction("none", "default")).toBe(1);
    expect(prediction("amount_only", "fallback")).toBe(1);
    expect(prediction("none", "reject")).toBe(1);
    const violations = (policy: string) =>
      values.get(`freshet_sla_violations_total{view="card@2",violation="stale",policy="${policy}"}`);
    expect(["serve", "default", "fallback", "reject"].map(violations)).toEqual([2, 1, 1, 1]);
    expect(values.get('freshet_view_lag_seconds{view="card@2"}')).toBe(250);
    expect(values.get('freshet_view_lag_seconds{view="account@1"}')).toBe(1.5);
    const requests = (method: string, route: string, status: number) =>
      values.get(
        `freshet_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`,
      );
    expect(requests("POST", "/v1/predict", 200)).toBe(4);
    expect(requests("POST", "/v1/predict", 503)).toBe(1);
    expect(requests("GET", "unmatched", 404)).toBe(2);
    expect(
      values.get('freshet_http_request_duration_seconds_sum{method="POST",route="/v1/predict",status="200"}'),
    ).toBeCloseTo(0.048, 9);
  });

  it("belongs to one app", async () => {
    const first = harness();
    const second = harness();
    await first.post("/v1/predict", REQUEST);
    expect((await samples(second.get)).size).toBeLessThan((await samples(first.get)).size);
  });
});

interface OpenApiDocument extends Record<string, unknown> {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, { readonly post: { description: string; responses: object } }>>;
  readonly components: { readonly schemas: Readonly<Record<string, { additionalProperties: boolean }>> };
}

async function openApiOf(get: (path: string) => Promise<Response>): Promise<OpenApiDocument> {
  return (await (await get("/openapi.json")).json()) as OpenApiDocument;
}

describe("GET /openapi.json", () => {
  it("is a valid OpenAPI 3.1 document", async () => {
    const { get } = harness();
    const document = await openApiOf(get);
    const result = await new Validator().validate(document);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths).sort()).toEqual([
      "/healthz",
      "/metrics",
      "/readyz",
      "/v1/features",
      "/v1/predict",
      "/v1/services",
      "/v1/views",
      "/v1/views/{view}/history",
    ]);
  });

  it("refuses unknown fields and says what each model needs", async () => {
    const { get } = harness();
    const { components, paths } = await openApiOf(get);
    expect(components.schemas.PredictRequest?.additionalProperties).toBe(false);
    expect(paths["/v1/predict"]?.post.description).toContain(
      "keys card, payer; context amount, note; onStale reject; a batch is scored in one run",
    );
    expect(Object.keys(paths["/v1/predict"]!.post.responses)).toEqual([
      "200",
      "400",
      "404",
      "413",
      "415",
      "429",
      "500",
      "503",
    ]);
  });
});

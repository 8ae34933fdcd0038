import { describe, expect, it } from "vitest";
import { createInferMetrics } from "../../functions/infer/emit-metrics.ts";
import type { PredictionLogEntry } from "../../lib/serve/prediction-log.ts";
import type { RequestReport } from "../../lib/serve/request-report.ts";
import { harness, REQUEST } from "../serve/fixtures/harness.ts";
import { emittedBy } from "./fixtures/emitted.ts";

const infer = createInferMetrics({ FRESHET_METRICS_NAMESPACE: "Ours" });

const predicted: RequestReport = {
  method: "POST",
  route: "/v1/predict",
  status: 200,
  problem: null,
  durationMs: 12.5,
};

describe("the API's metrics", () => {
  it("tell of a request by its route, its time in milliseconds", () => {
    expect(emittedBy(() => infer.onRequest(predicted))).toEqual([
      {
        namespace: "Ours",
        dimensions: { service: "infer", route: "/v1/predict" },
        values: { Requests: "1 Count", Latency: "12.5 Milliseconds", ServerErrors: "0 Count" },
      },
    ]);
  });

  it("leave probes and what has no route out", () => {
    for (const route of ["/healthz", "/readyz", "/metrics", "unmatched"]) {
      expect(emittedBy(() => infer.onRequest({ ...predicted, route }))).toEqual([]);
    }
  });

  it.each([
    ["internal", 500, 1],
    ["derive-failed", 500, 1],
    ["score-not-finite", 500, 1],
    ["store-unavailable", 503, 1],
    ["state-unreadable", 503, 1],
    ["time-limit-exceeded", 503, 1],
    // As they should be: a policy's answer, too much at a time, and an environment that is ending.
    ["stale-features", 503, 0],
    ["overloaded", 429, 0],
    ["shutting-down", 503, 0],
    ["invalid-request", 400, 0],
  ] as const)("count %s (%i) as %i server errors", (problem, status, errors) => {
    const [metrics, ...ofAllRoutes] = emittedBy(() => infer.onRequest({ ...predicted, status, problem }));
    expect(metrics!.values).toMatchObject({ Requests: "1 Count", ServerErrors: `${errors} Count` });
    const alone = {
      namespace: "Ours",
      dimensions: { service: "infer" },
      values: { ServerErrors: "1 Count" },
    };
    expect(ofAllRoutes).toEqual(errors === 0 ? [] : [alone]);
  });

  it("are told by the API itself that an exception was answered", async () => {
    const reports: RequestReport[] = [];
    const { post, reader } = harness({ onRequest: (report) => reports.push(report) });
    await post("/v1/predict", REQUEST);
    reader.failure = new TypeError("a bug");
    await post("/v1/predict", REQUEST);
    expect(reports.map(({ status, problem }) => [status, problem])).toEqual([
      [200, null],
      [500, "internal"],
    ]);
    const errors = reports.map((report) => emittedBy(() => infer.onRequest(report))[0]!.values.ServerErrors);
    expect(errors).toEqual(["0 Count", "1 Count"]);
  });

  const prediction = (statuses: readonly string[], policy = "serve") => {
    const views = Object.fromEntries(statuses.map((status, index) => [`view${index}`, { status }]));
    const entry = { requestedModel: { name: "risk", version: 1 }, policy, views };
    return emittedBy(() => infer.onPrediction(entry as unknown as PredictionLogEntry));
  };

  it.each([
    [["fresh", "fresh"], 0],
    [["fresh", "stale"], 1],
    [["unknown", "fresh"], 1],
    [["stale", "unknown"], 1],
    [["warming"], 0],
  ] as const)("count a prediction of views that are %j as %i violations of SLAs", (statuses, violations) => {
    expect(prediction(statuses)).toEqual([
      {
        namespace: "Ours",
        dimensions: { service: "infer", model: "risk" },
        values: { Predictions: "1 Count", SlaViolations: `${violations} Count`, Fallbacks: "0 Count" },
      },
    ]);
  });

  it("count what the fallback model answered", () => {
    expect(prediction(["stale"], "fallback")[0]!.values.Fallbacks).toBe("1 Count");
  });
});

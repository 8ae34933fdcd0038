import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { StalePolicy } from "../define/types.ts";
import type { EntityReading } from "../online/reader.ts";
import { ownPolicy, policyApplied, slaViolation } from "./freshness-policy.ts";
import type { Admission } from "./limits/admission.ts";
import type { Prediction, Rejection } from "./predict.ts";

/** What the API counts and measures, in a registry of its own. */
export interface ServeMetrics {
  readonly registry: Registry;
  recordRequest(
    request: { readonly method: string; readonly route: string; readonly status: number },
    durationMs: number,
  ): void;
  recordPrediction(outcome: Prediction | Rejection): void;
  /** Views answered without a model: violations are counted with the policy `serve`. */
  recordReadings(readings: readonly EntityReading[]): void;
  recordPredictionLogFailure(): void;
}

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createServeMetrics(admission: Pick<Admission, "active" | "waiting">): ServeMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: "freshet_http_request_duration_seconds",
    help: "Time to answer a request.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  new Gauge({
    name: "freshet_http_requests_active",
    help: "Requests that are worked on now.",
    registers,
    collect() {
      this.set(admission.active);
    },
  });
  new Gauge({
    name: "freshet_http_requests_waiting",
    help: "Requests that wait for their turn now.",
    registers,
    collect() {
      this.set(admission.waiting);
    },
  });
  const predictions = new Counter({
    name: "freshet_predictions_total",
    help: "Predictions by the model asked for, the model that scored, and the staleness policy applied.",
    labelNames: ["model", "scored_by", "policy"],
    registers,
  });
  const lag = new Gauge({
    name: "freshet_view_lag_seconds",
    help: "Lag of a view at its last read whose lag was known.",
    labelNames: ["view"],
    registers,
  });
  const violations = new Counter({
    name: "freshet_sla_violations_total",
    help: "Readings of a view that violated its freshness SLA, by how and by the policy applied.",
    labelNames: ["view", "violation", "policy"],
    registers,
  });
  const logFailures = new Counter({
    name: "freshet_prediction_log_failures_total",
    help: "Predictions that were answered but could not be written to the prediction log.",
    registers,
  });

  const recordReading = (reading: EntityReading, policy: StalePolicy): void => {
    const view = `${reading.view}@${reading.version}`;
    if (reading.lagMs !== null) lag.set({ view }, reading.lagMs / 1000);
    const violation = slaViolation(reading);
    if (violation !== null) violations.inc({ view, violation, policy: policyApplied(reading, policy) });
  };

  return {
    registry,
    recordRequest: ({ method, route, status }, durationMs) =>
      requests.observe({ method, route, status: String(status) }, durationMs / 1000),
    recordPrediction(outcome) {
      predictions.inc({
        model: outcome.requested.name,
        scored_by: outcome.policy === "serve" || outcome.policy === "fallback" ? outcome.model.name : "none",
        policy: outcome.policy,
      });
      for (const each of outcome.passedOver) {
        for (const reading of each.readings) recordReading(reading, "fallback");
      }
      for (const reading of outcome.readings) recordReading(reading, ownPolicy(outcome));
    },
    recordReadings(readings) {
      for (const reading of readings) recordReading(reading, "serve");
    },
    recordPredictionLogFailure: () => logFailures.inc(),
  };
}

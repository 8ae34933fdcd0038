import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { PredictionLogEntry } from "../../lib/serve/prediction-log.ts";
import type { ProblemType } from "../../lib/serve/problems.ts";
import type { RequestReport } from "../../lib/serve/request-report.ts";
import type { Environment } from "../environment.ts";
import { metricsNamespace } from "../metrics-namespace.ts";

const FIRST_SERVER_ERROR = 500;

/** Answers with a server error's status that are as they should be: a policy's, and an environment's that is ending. */
const INTENDED: readonly (ProblemType | null)[] = ["stale-features", "shutting-down"];

/** Writes requests and predictions as CloudWatch metrics in embedded metric format. Probes are left out. */
export function createInferMetrics(environment: Environment): {
  readonly onRequest: (report: RequestReport) => void;
  readonly onPrediction: (entry: PredictionLogEntry) => void;
} {
  const namespace = metricsNamespace(environment);
  return {
    onRequest({ route, status, problem, durationMs }) {
      if (!route.startsWith("/v1/")) return;
      const metrics = new Metrics({ namespace, serviceName: "infer" });
      metrics.addDimensions({ route });
      metrics.addMetric("Requests", MetricUnit.Count, 1);
      metrics.addMetric("Latency", MetricUnit.Milliseconds, durationMs);
      const isError = status >= FIRST_SERVER_ERROR && !INTENDED.includes(problem);
      metrics.addMetric("ServerErrors", MetricUnit.Count, isError ? 1 : 0);
      metrics.publishStoredMetrics();
      if (!isError) return;
      // Of all routes together, for one alarm: only when there is one, so that there is nothing to pay for without.
      const errors = new Metrics({ namespace, serviceName: "infer" });
      errors.addMetric("ServerErrors", MetricUnit.Count, 1);
      errors.publishStoredMetrics();
    },
    onPrediction({ requestedModel, policy, views }) {
      const metrics = new Metrics({ namespace, serviceName: "infer" });
      metrics.addDimensions({ model: requestedModel.name });
      const violations = Object.values(views).filter(
        ({ status }) => status === "stale" || status === "unknown",
      );
      metrics.addMetric("Predictions", MetricUnit.Count, 1);
      metrics.addMetric("SlaViolations", MetricUnit.Count, violations.length > 0 ? 1 : 0);
      metrics.addMetric("Fallbacks", MetricUnit.Count, policy === "fallback" ? 1 : 0);
      metrics.publishStoredMetrics();
    },
  };
}

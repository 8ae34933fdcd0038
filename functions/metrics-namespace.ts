import type { Environment } from "./environment.ts";

/** The CloudWatch namespace of a pipeline's own metrics: two pipelines of one account must not share one. */
export function metricsNamespace(environment: Environment): string {
  return environment.FRESHET_METRICS_NAMESPACE ?? "Freshet";
}

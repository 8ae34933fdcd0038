import type { OptionNames } from "../define/check-options.ts";
import { collectDefinitions } from "../define/collect-definitions.ts";
import { parseDuration } from "../define/duration.ts";
import { FreshetError } from "../define/error.ts";
import { quote } from "../define/refuse.ts";
import { requireKnownOptions } from "../define/require-known-options.ts";
import type { Definitions } from "../define/types.ts";
import { planView, type ViewPlan } from "../engine/plan.ts";
import { MAX_BATCH_SIZE, MAX_BATCHING_WINDOW_MS } from "../local/poller/mapping-options.ts";
import { requireWholeNumber } from "../local/runtime-options.ts";
import type { TestPipelineOptions } from "./test-pipeline-options.ts";

/** Options of a test, checked, with their defaults filled in. */
export interface TestSettings {
  readonly definitions: Definitions;
  readonly plans: readonly ViewPlan[];
  /** When the pipeline begins: before the test, if it shall be warm by then. */
  readonly beginMs: number;
  /** When the test begins. */
  readonly startMs: number;
  readonly shards: number;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly heartbeats: boolean;
}

const OPTIONS: OptionNames<TestPipelineOptions> = {
  definitions: 0,
  startAt: 0,
  warm: 0,
  shards: 0,
  batchSize: 0,
  batchingWindow: 0,
  heartbeats: 0,
  scores: 0,
  modelsFolder: 0,
  onPrediction: 0,
};

/** @throws FreshetError `DEFINITION_INVALID`, `OPTION_INVALID` */
export function testSettings(options: TestPipelineOptions): TestSettings {
  requireKnownOptions("testPipeline's options", options, OPTIONS);
  const { shards = 2, batchSize = 100, batchingWindow, warm = true, heartbeats = true } = options;
  requireWholeNumber("shards", shards, 1, 500);
  requireWholeNumber("batchSize", batchSize, 1, MAX_BATCH_SIZE);
  const batchingWindowMs = batchingWindow === undefined ? 0 : parseDuration(batchingWindow, "batchingWindow");
  requireWholeNumber("batchingWindow, in ms,", batchingWindowMs, 0, MAX_BATCHING_WINDOW_MS);
  const definitions = collectDefinitions(options.definitions);
  if (definitions.views.length === 0) {
    throw new FreshetError(
      "OPTION_INVALID",
      "definitions hold no view; give testPipeline a module's exports: import * as definitions.",
    );
  }
  const models = Object.fromEntries(definitions.models.map(({ name }) => [name, 0]));
  requireKnownOptions("scores", options.scores ?? {}, models);
  requireFunctions(options.scores ?? {});
  const plans = definitions.views.map(planView);
  const startMs = startOf(options.startAt);
  const warmingMs = warm ? Math.max(...plans.map((plan) => plan.warmingMs)) : 0;
  const beginMs = startMs - warmingMs;
  return { definitions, plans, beginMs, startMs, shards, batchSize, batchingWindowMs, heartbeats };
}

function requireFunctions(scores: object): void {
  for (const [name, score] of Object.entries(scores)) {
    if (score === undefined || typeof score === "function") continue;
    throw new FreshetError(
      "OPTION_INVALID",
      `scores: ${name} is ${quote(score)}; it is a function: { ${name}: (vector) => 0.5 }.`,
    );
  }
}

function startOf(given: string | number = "2026-01-01T00:00:00Z"): number {
  const ms = typeof given === "number" ? given : Date.parse(given);
  if (Number.isSafeInteger(ms)) return ms;
  throw new FreshetError(
    "OPTION_INVALID",
    `startAt is ${JSON.stringify(given)}; write ISO 8601, such as "2026-01-01T00:00:00Z", or whole epoch ms.`,
  );
}

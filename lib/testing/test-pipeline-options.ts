import type { Duration } from "../define/duration.ts";
import type { PredictionLog } from "../serve/prediction-log.ts";

/** Scores a vector instead of a model's file, by the names of the model's service; null for no value. */
export type Score = (vector: Readonly<Record<string, number | null>>) => number;

/** What {@link testPipeline} takes. */
export interface TestPipelineOptions {
  /** A definitions module, as `import * as definitions` has it, or any object that holds definitions. */
  readonly definitions: Readonly<Record<string, unknown>>;
  /** The time when the test begins: ISO 8601, or epoch ms. @default "2026-01-01T00:00:00Z" */
  readonly startAt?: string | number;
  /**
   * Whether the pipeline has run for longer than every window when the test begins, so that answers are not `warming`.
   * @default true
   */
  readonly warm?: boolean;
  /** Shards of each stream, 1 to 500. @default 2 */
  readonly shards?: number;
  /** The most records of a batch, 1 to 10,000. @default 100 */
  readonly batchSize?: number;
  /** How long a batch waits to fill: what was put is folded only once the time has passed it. @default not at all */
  readonly batchingWindow?: Duration;
  /** Whether idle shards are kept known, as a deployment's heartbeats do. @default true */
  readonly heartbeats?: boolean;
  /** By model: what scores instead of its file. */
  readonly scores?: Readonly<Record<string, Score>>;
  /** The folder that the definitions' model files are relative to; needed for models without a score of their own. */
  readonly modelsFolder?: string | URL;
  /** Told of every answered prediction. */
  readonly onPrediction?: PredictionLog;
}

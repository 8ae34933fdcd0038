import { isRecord, type OptionNames } from "../define/check-options.ts";
import { FreshetError } from "../define/error.ts";
import { quote } from "../define/refuse.ts";
import { requireKnownOptions } from "../define/require-known-options.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import type { BatchReporter } from "../online/batch-report.ts";
import type { PredictionLog } from "../serve/prediction-log.ts";
import type { StateFolderOptions } from "./open-state.ts";
import type { LocalLogger } from "./standard-error-logger.ts";

/** What {@link startLocalRuntime} takes. */
export interface LocalRuntimeOptions {
  /** The module that exports the definitions: a path or a file URL. */
  readonly definitionsFile: string | URL;
  /** Shards of each stream, 1 to 500. @default 2 */
  readonly shards?: number;
  /** What every rule, lag and heartbeat goes by. @default the machine's clock */
  readonly clock?: Clock;
  /** The API's port on 127.0.0.1; 0 for any that is free. @default 0 */
  readonly port?: number;
  /** Where late and quarantined records go. @default in memory, or below `objects` in the folder */
  readonly objectStore?: ObjectStore;
  /** The most records of a batch, 1 to 10,000. @default 1000 */
  readonly batchSize?: number;
  /** How long a batch may wait to fill, 0 to 300,000 ms. @default 0 */
  readonly batchingWindowMs?: number;
  /**
   * Handled records that each shard keeps readable; older ones are forgotten, for a record takes about 600 bytes of
   * memory. @default 100000
   */
  readonly keepRecords?: number;
  /**
   * `{ path }`: keeps streams, table, checkpoints, late and quarantined records in a folder: after its end, however it came, a start
   * with the same folder goes on from there. @default in memory
   */
  readonly folder?: StateFolderOptions;
  /**
   * Runs the embedded servers in a thread of their own: under load they take a fifth of the processor time. Not with a
   * folder, whose journal is written in one step with what the servers hold. @default false
   */
  readonly serverThread?: boolean;
  /** Told of every batch that was folded, as a deployment's metrics are. */
  readonly onMetrics?: BatchReporter;
  /** Told of every answered prediction. */
  readonly onPrediction?: PredictionLog;
  /** Told of requests, and of everything that fails and will be tried again. @default warnings and errors on standard error */
  readonly logger?: LocalLogger;
}

const OPTIONS: OptionNames<LocalRuntimeOptions> = {
  definitionsFile: 0,
  shards: 0,
  clock: 0,
  port: 0,
  objectStore: 0,
  batchSize: 0,
  batchingWindowMs: 0,
  keepRecords: 0,
  folder: 0,
  serverThread: 0,
  onMetrics: 0,
  onPrediction: 0,
  logger: 0,
};

const FOLDER_OPTIONS: OptionNames<StateFolderOptions> = { path: 0, madeBy: 0, files: 0 };

/**
 * Refuses options that do not exist, and a definitions file or a folder of another form, which would be told of as a path.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function requireRuntimeOptions(options: LocalRuntimeOptions): void {
  if (!isRecord(options))
    refuse(`startLocalRuntime's options are ${quote(options)}; write { definitionsFile: "./fraud.ts" }.`);
  requireKnownOptions("startLocalRuntime's options", options, OPTIONS);
  const { definitionsFile, folder } = options;
  const isFile =
    definitionsFile instanceof URL ? definitionsFile.protocol === "file:" : isText(definitionsFile);
  if (!isFile) refuse(`definitionsFile is ${quote(definitionsFile)}; it is a path or a file URL.`);
  if (folder === undefined) return;
  if (!isRecord(folder)) refuse(`folder is ${quote(folder)}; write { path: "./state" }.`);
  requireKnownOptions("folder", folder, FOLDER_OPTIONS);
  if (!isText(folder.path)) refuse(`folder has the path ${quote(folder.path)}; write { path: "./state" }.`);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function refuse(message: string): never {
  throw new FreshetError("OPTION_INVALID", message);
}

/** @throws FreshetError `OPTION_INVALID` */
export function requireWholeNumber(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new FreshetError(
    "OPTION_INVALID",
    `${name} is ${value}; it is a whole number from ${least} to ${most}.`,
  );
}

import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { estimateCost, type Load, type PriceList, US_EAST_1, withPriceFile } from "../../lib/cost/index.ts";
import {
  MAX_BATCH_SIZE,
  MAX_BATCHING_WINDOW_SECONDS,
  MAX_BUFFERING_INTERVAL_SECONDS,
} from "../../lib/cost/load.ts";
import { FreshetError } from "../../lib/define/error.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import type { CommandContext } from "../command-context.ts";
import { costText } from "../cost/cost-text.ts";
import { refuseStaleWindow } from "../cost/refuse-stale-window.ts";
import { shapeOfDefinitions } from "../cost/shape-of-definitions.ts";

interface CostOptions {
  readonly eventsPerSecond: number | Readonly<Record<string, number>>;
  readonly predictionsPerSecond: number;
  readonly eventBytes?: number;
  readonly entities?: number;
  readonly items: "sparse" | "bound";
  readonly shards?: number | "on-demand";
  readonly window?: number;
  readonly batchSize?: number;
  readonly history?: NonNullable<Load["history"]>;
  readonly bufferingInterval?: number;
  readonly provisionedConcurrency?: number;
  readonly existingStream?: readonly string[];
  readonly api: boolean;
  readonly heartbeats: boolean;
  readonly prices?: string;
  readonly json?: true;
}

/** `freshet cost DEFINITIONS`: what a month of them costs under a load, and what would lower it. */
export function costCommand({ output }: CommandContext): Command {
  return new Command("cost")
    .description(
      "estimate what a month costs under a load: by service, what dominates, and what would lower it",
    )
    .argument("<definitions>", "the TypeScript or JavaScript module that exports the definitions")
    .requiredOption(
      "--events-per-second <number>",
      "events put: of all sources together; or of one, source=number, and again for others",
      parseRates,
    )
    .option("--predictions-per-second <number>", "predictions asked for, one entity each", parseNumber, 0)
    .option(
      "--event-bytes <number>",
      "bytes of an event as it is put, on average (300 unless given)",
      numberFrom(1),
    )
    .option(
      "--entities <number>",
      "entities of each view, equally busy (unless given: each event is another's)",
      wholeNumberFrom(1),
    )
    .addOption(
      new Option("--items <fill>", "items of few events a day, or all as full as can be")
        .choices(["sparse", "bound"])
        .default("sparse"),
    )
    .option("--shards <number>", "provisioned shards of each stream (on demand unless given)", parseShards)
    .option(
      "--existing-stream <source>",
      "a source whose stream exists already, and is not counted; and again for others",
      (source: string, before: readonly string[] = []) => [...before, source],
    )
    .option(
      "--window <seconds>",
      "the batching window (1 unless given)",
      wholeNumberFrom(0, MAX_BATCHING_WINDOW_SECONDS),
    )
    .option(
      "--batch-size <number>",
      "the most records of a batch (1000 unless given)",
      wholeNumberFrom(1, MAX_BATCH_SIZE),
    )
    .addOption(
      new Option("--history <format>", "how events are kept in S3 (parquet unless given)").choices([
        "parquet",
        "json",
        "none",
      ]),
    )
    .option(
      "--buffering-interval <seconds>",
      "how long events are gathered for an object (300 unless given)",
      wholeNumberFrom(0, MAX_BUFFERING_INTERVAL_SECONDS),
    )
    .option("--no-api", "without the API: another process predicts")
    .option(
      "--provisioned-concurrency <number>",
      "environments of the API that are kept warm (0 unless given)",
      wholeNumberFrom(0),
    )
    .option("--no-heartbeats", "without heartbeats")
    .option("--prices <file>", "a JSON file of prices that differ: region, date, and usd by name")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExit code: 0, 1 for definitions or prices that are refused, or a window that their SLAs refuse (told in one line), 2 for wrong usage.",
    )
    .action(async (definitions: string, options: CostOptions) => {
      const loaded = await loadDefinitions(definitions, { lock: "verify" });
      if (options.window !== undefined) refuseStaleWindow(options.window, loaded);
      const shape = shapeOfDefinitions(loaded, options);
      const prices = options.prices === undefined ? US_EAST_1 : await readPrices(options.prices);
      const estimate = estimateCost({ shape, load: loadOf(options), prices });
      output.write(options.json === true ? JSON.stringify(estimate, null, 2) : costText(estimate));
    });
}

function loadOf(options: CostOptions): Load {
  const { eventsPerSecond, predictionsPerSecond, heartbeats, api, window, ...more } = options;
  const { eventBytes, entities, existingStream, shards, batchSize, history, bufferingInterval } = more;
  const { provisionedConcurrency } = more;
  return {
    eventsPerSecond,
    predictionsPerSecond,
    heartbeats,
    api,
    ...(existingStream === undefined ? {} : { existingStreams: existingStream }),
    ...(bufferingInterval === undefined ? {} : { bufferingIntervalSeconds: bufferingInterval }),
    ...(window === undefined ? {} : { batchingWindowSeconds: window }),
    ...(eventBytes === undefined ? {} : { eventBytes }),
    ...(entities === undefined ? {} : { entities }),
    ...(shards === undefined ? {} : { shards }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(history === undefined ? {} : { history }),
    ...(provisionedConcurrency === undefined ? {} : { provisionedConcurrency }),
  };
}

async function readPrices(file: string): Promise<PriceList> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new FreshetError("OPTION_INVALID", `${file} cannot be read; give --prices a JSON file.`, { cause });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new FreshetError("OPTION_INVALID", `${file} is not JSON.`, { cause });
  }
  return withPriceFile(US_EAST_1, parsed, file);
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?(e\d+)?$/i.test(text) && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Write a number from 0 on, such as 250, 0.5 or 1e6.");
}

interface NumberRange {
  readonly most?: number;
  readonly isWhole?: boolean;
}

function numberFrom(
  least: number,
  { most = Number.MAX_SAFE_INTEGER, isWhole = false }: NumberRange = {},
): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Write a ${isWhole ? "whole " : ""}number ${range}.`);
  };
}

function wholeNumberFrom(least: number, most?: number): (text: string) => number {
  return numberFrom(least, { isWhole: true, ...(most === undefined ? {} : { most }) });
}

function parseShards(text: string): number | "on-demand" {
  if (text === "on-demand") return text;
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1, or "on-demand".');
}

function parseRates(text: string, before?: CostOptions["eventsPerSecond"]): CostOptions["eventsPerSecond"] {
  const [, source, rate] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (source === undefined || rate === undefined) {
    if (before !== undefined) throw new InvalidArgumentError("Write one number, or source=number for each.");
    return parseNumber(text);
  }
  if (typeof before === "number")
    throw new InvalidArgumentError("Write one number, or source=number for each.");
  if (before?.[source] !== undefined)
    throw new InvalidArgumentError(`The rate of ${source} is stated already.`);
  return { ...before, [source]: parseNumber(rate) };
}

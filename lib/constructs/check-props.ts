import type { Construct } from "constructs";
import { isRecord, type OptionNames } from "../define/check-options.ts";
import { quote, quoteAll } from "../define/refuse.ts";
import { requireKnownOptions } from "../define/require-known-options.ts";
import type { FeaturePipelineProps } from "./feature-pipeline-props.ts";
import type {
  AggregatorOptions,
  EventHistoryOptions,
  ExistingStream,
  FeatureMonitoringOptions,
  FunctionOptions,
  InferenceApiOptions,
  RetentionOptions,
  StreamOptions,
} from "./options.ts";
import { refuseProp } from "./refuse-prop.ts";
import { tellGiven } from "./tell-given.ts";

/** The names of a group of options, which several constructs take. */
export const OPTION_NAMES = {
  function: { vpc: true, vpcSubnets: true, securityGroups: true, encryptionKey: true },
  retention: { removalPolicy: true },
  stream: { shards: true },
  aggregator: { memorySize: true, timeout: true, batchSize: true, batchingWindow: true, filters: true },
  history: { format: true, bufferingInterval: true },
  api: {
    memorySize: true,
    timeout: true,
    authType: true,
    cors: true,
    provisionedConcurrency: true,
    deployment: true,
    latencyLimit: true,
  },
  monitoring: { alarmActions: true, lateRatio: true, duplicateRatio: true },
  existingStream: { stream: true, heartbeats: true },
  load: { eventsPerSecond: true, predictionsPerSecond: true, eventBytes: true, entities: true },
} as const satisfies {
  readonly function: OptionNames<FunctionOptions>;
  readonly retention: OptionNames<RetentionOptions>;
  readonly stream: OptionNames<StreamOptions>;
  readonly aggregator: OptionNames<AggregatorOptions>;
  readonly history: OptionNames<EventHistoryOptions>;
  readonly api: OptionNames<InferenceApiOptions>;
  readonly monitoring: OptionNames<FeatureMonitoringOptions>;
  readonly existingStream: OptionNames<ExistingStream>;
  readonly load: OptionNames<NonNullable<FeaturePipelineProps["load"]>>;
};

/**
 * Refuses what is no object of props, and props that a construct does not have: `tsx` and JavaScript let a misspelt one through, and it would be passed over.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkProps<Props extends object>(
  construct: Construct,
  props: Props,
  known: OptionNames<Props>,
): void {
  if (!isRecord(props)) {
    refuseProp(
      construct,
      `its props are ${props === undefined ? "not given" : quote(props)}; write an object.`,
    );
  }
  requireKnownOptions(`${construct.constructor.name} ${construct.node.path}`, props, known);
}

/**
 * Refuses a group of options that is no object, and options in it that it does not have. One that is undefined is not given.
 *
 * @param options.canBeFalse - whether false leaves out what the group is of.
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkGroup(
  construct: Construct,
  name: string,
  given: unknown,
  { known, canBeFalse = false }: { readonly known: OptionNames; readonly canBeFalse?: boolean },
): void {
  if (given === undefined || (canBeFalse && given === false)) return;
  if (!isRecord(given)) {
    refuseProp(
      construct,
      `${name} is ${tellGiven(given)}; it is an object of ${quoteAll(Object.keys(known))}${canBeFalse ? ", or false" : ""}.`,
    );
  }
  requireKnownOptions(`${construct.constructor.name} ${construct.node.path}: ${name}`, given, known);
}

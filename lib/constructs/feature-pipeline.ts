import { Annotations, Names } from "aws-cdk-lib";
import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import type { SourceToDeploy } from "../bundle/deployment-description.ts";
import type { CostEstimate, PipelineShape } from "../cost/index.ts";
import type { OptionNames } from "../define/check-options.ts";
import { FreshetError } from "../define/error.ts";
import { Aggregator } from "./aggregator.ts";
import { checkGroup, checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkBucket, checkBySource, checkStream } from "./check-resources.ts";
import { costSummary, estimatePipeline } from "./cost-summary.ts";
import { createDataBucket } from "./data-bucket.ts";
import { findView, loadDefinitions } from "./definitions.ts";
import { EventHistory } from "./event-history.ts";
import { EventStream } from "./event-stream.ts";
import { FeatureMonitoring } from "./feature-monitoring.ts";
import type { FeaturePipelineProps } from "./feature-pipeline-props.ts";
import { FeatureTable } from "./feature-table.ts";
import { functionOptions } from "./functions/function-options.ts";
import { InferenceApi } from "./inference-api.ts";
import { LossMarker } from "./loss-marker.ts";
import type { AnyBucket, ExistingStream } from "./options.ts";
import { refuseProp } from "./refuse-prop.ts";
import { refuseSharedStream } from "./refuse-shared-stream.ts";

const PROPS: OptionNames<FeaturePipelineProps> = {
  definitions: true,
  ...OPTION_NAMES.function,
  ...OPTION_NAMES.retention,
  streams: true,
  table: true,
  bucket: true,
  stream: true,
  aggregator: true,
  history: true,
  load: true,
  api: true,
  monitoring: true,
};

/** The parts of a pipeline that each source has. */
interface SourceParts {
  readonly stream: EventStream;
  readonly aggregator: Aggregator;
  readonly history: EventHistory | undefined;
}

/**
 * Everything that definitions need: a stream, an aggregator and a history for each source, one table, one bucket, the API,
 * a dashboard and alarms. What holds data (streams, table, bucket) is retained when it leaves the stack.
 *
 * @throws FreshetError `DEFINITIONS_NOT_FOUND`; `DEFINITION_INVALID` with everything that `freshet check` finds;
 *   `OPTION_INVALID` for a prop that there is not, a stream of a source that there is not, one stream of two sources, or a load that cannot be.
 * @example
 * ```ts
 * const pipeline = new FeaturePipeline(this, "Fraud", {
 *   definitions: new URL("./fraud.ts", import.meta.url),
 *   streams: { transactions: Stream.fromStreamArn(this, "Existing", arn) },
 * });
 * pipeline.api.grantInvoke(checkoutRole);
 * pipeline.metricLag("card").createAlarm(this, "Stale", { threshold: 120, evaluationPeriods: 2 });
 * ```
 */
export class FeaturePipeline extends Construct {
  /** Every view's items, and progress. */
  readonly table: FeatureTable;
  /** Late and quarantined records, lost batches, and history: each below a prefix of its own. */
  readonly bucket: AnyBucket;
  /** By source. */
  readonly streams: Readonly<Record<string, EventStream>>;
  /** By source. */
  readonly aggregators: Readonly<Record<string, Aggregator>>;
  /** By source; empty where events are not kept. */
  readonly histories: Readonly<Record<string, EventHistory>>;
  /** Marks shards of which Lambda gave a batch up. */
  readonly losses: LossMarker;
  /** Undefined where it is left out. */
  readonly monitoring: FeatureMonitoring | undefined;
  /** What a month costs under the stated load; undefined where none is stated. */
  readonly cost: CostEstimate | undefined;
  /** CloudWatch namespace of the functions' own metrics. */
  readonly metricsNamespace: string;
  private readonly inference: InferenceApi | undefined;

  constructor(scope: Construct, id: string, props: FeaturePipelineProps) {
    super(scope, id);
    checkProps(this, props, PROPS);
    checkGroups(this, props);
    const { definitions, removalPolicy, encryptionKey } = props;
    const { sources, cost: shape } = loadDefinitions(this, props);
    if (props.bucket !== undefined) checkBucket(this, props.bucket);
    const streams = existingStreams(this, props, sources);
    this.metricsNamespace = `Freshet/${Names.uniqueResourceName(this, { separator: "-", maxLength: 200 })}`;
    const retention = removalPolicy === undefined ? {} : { removalPolicy };
    const encryption = encryptionKey === undefined ? {} : { encryptionKey };
    this.table = new FeatureTable(this, "Features", {
      ...(props.table === undefined ? {} : { table: props.table }),
      ...encryption,
      ...retention,
    });
    this.bucket = props.bucket ?? createDataBucket(this, "Data", { ...encryption, ...retention });
    const functions = functionOptions(props);

    const parts = new Map<string, SourceParts>();
    for (const { name } of sources) {
      const about = { definitions, source: name, metricsNamespace: this.metricsNamespace };
      // A construct of its own, so that no source's parts are named as another's.
      const own = new Construct(this, `Source-${name}`);
      const stream = new EventStream(own, "Events", {
        ...functions,
        ...props.stream,
        ...retention,
        ...streams.get(name),
        definitions,
        source: name,
      });
      const from = { stream: stream.stream, bucket: this.bucket };
      const aggregator = new Aggregator(own, "Aggregator", {
        ...functions,
        ...props.aggregator,
        ...about,
        ...from,
        table: this.table.table,
      });
      const history =
        props.history === false
          ? undefined
          : new EventHistory(own, "History", { ...functions, ...props.history, ...about, ...from });
      parts.set(name, { stream, aggregator, history });
    }
    this.streams = byName(parts, ({ stream }) => stream);
    this.aggregators = byName(parts, ({ aggregator }) => aggregator);
    this.histories = byName(parts, ({ history }) => history);
    this.losses = new LossMarker(this, "Losses", {
      ...functions,
      definitions,
      streams: Object.fromEntries(Object.values(this.streams).map(({ source, stream }) => [source, stream])),
      table: this.table.table,
      bucket: this.bucket,
      metricsNamespace: this.metricsNamespace,
    });
    this.inference =
      props.api === false
        ? undefined
        : new InferenceApi(this, "Api", {
            ...functions,
            ...props.api,
            definitions,
            table: this.table.table,
            metricsNamespace: this.metricsNamespace,
          });
    this.monitoring =
      props.monitoring === false
        ? undefined
        : new FeatureMonitoring(this, "Monitoring", {
            ...props.monitoring,
            aggregators: Object.values(this.aggregators),
            streams: Object.values(this.streams),
            histories: Object.values(this.histories),
            losses: this.losses,
            table: this.table,
            ...(this.inference === undefined ? {} : { api: this.inference }),
          });
    this.cost = this.tellCost(shape, props);
  }

  /** The estimate of a stated load, told as a note of the synthesis. */
  private tellCost(shape: PipelineShape, props: FeaturePipelineProps): CostEstimate | undefined {
    const heartbeats = Object.values(this.streams).flatMap((stream) =>
      stream.heartbeats === undefined ? [] : [stream.source],
    );
    const cost = this.estimate(shape, props, heartbeats);
    if (cost !== undefined) Annotations.of(this).addInfo(costSummary(cost));
    return cost;
  }

  /** What the estimate refuses is of the load: all else was checked by the constructs that have it. */
  private estimate(
    shape: PipelineShape,
    props: FeaturePipelineProps,
    heartbeats: readonly string[],
  ): CostEstimate | undefined {
    try {
      return estimatePipeline(shape, props, { heartbeats });
    } catch (cause) {
      if (!(cause instanceof FreshetError)) throw cause;
      return refuseProp(this, `load: ${cause.message}`, { cause });
    }
  }

  /**
   * The API.
   * @throws FreshetError `OPTION_INVALID` where it is left out.
   */
  get api(): InferenceApi {
    if (this.inference === undefined) {
      throw new FreshetError("OPTION_INVALID", `${this.node.path} has no API: its option api is false.`);
    }
    return this.inference;
  }

  /** Lets a producer put to a source's stream. */
  grantPut(source: string, grantee: IGrantable): Grant {
    return this.partOf(this.streams, source).grantPut(grantee);
  }

  /** Lets requests be made to the API. */
  grantInvoke(grantee: IGrantable): Grant {
    return this.api.grantInvoke(grantee);
  }

  /** Lets the events of every source be read from S3. */
  grantReadHistory(grantee: IGrantable): Grant {
    const grants = Object.values(this.histories).map((history) => history.grantRead(grantee));
    return grants.reduce((all, grant) => all.combine(grant), Grant.drop(grantee, "no history"));
  }

  /** Seconds by which a view's answers are behind, by its name, or `card@2` where several versions are deployed. */
  metricLag(view: string, options?: MetricOptions): Metric {
    return this.aggregatorOf(view).metricLag(view, options);
  }

  /** Events that a view has folded. */
  metricFolded(view: string, options?: MetricOptions): Metric {
    return this.aggregatorOf(view).metricOfView("Folded", view, options);
  }

  /** Records that were set aside since a view could not take them. */
  metricQuarantined(view: string, options?: MetricOptions): Metric {
    return this.aggregatorOf(view).metricOfView("Quarantined", view, options);
  }

  /** Events that came too late for a view. */
  metricLate(view: string, options?: MetricOptions): Metric {
    return this.aggregatorOf(view).metricOfView("Late", view, options);
  }

  /** Milliseconds that the 99th of a hundred predictions took. */
  metricLatency(options?: MetricOptions): Metric {
    return this.api.metricLatency(options);
  }

  private aggregatorOf(view: string): Aggregator {
    const aggregators = Object.values(this.aggregators);
    const { source } = findView(
      this,
      aggregators.flatMap(({ views }) => views),
      view,
    );
    return this.aggregators[source]!;
  }

  private partOf<Part>(parts: Readonly<Record<string, Part>>, source: string): Part {
    const part = parts[source];
    return part ?? refuseProp(this, unknownSource(source, Object.keys(this.streams)));
  }
}

/** @throws FreshetError `OPTION_INVALID` */
function checkGroups(pipeline: FeaturePipeline, props: FeaturePipelineProps): void {
  for (const name of ["stream", "aggregator", "load"] as const) {
    checkGroup(pipeline, name, props[name], { known: OPTION_NAMES[name] });
  }
  for (const name of ["history", "api", "monitoring"] as const) {
    checkGroup(pipeline, name, props[name], { known: OPTION_NAMES[name], canBeFalse: true });
  }
}

function unknownSource(name: string, known: readonly string[]): string {
  return `there is no source ${JSON.stringify(name)}; there are ${known.join(", ")}.`;
}

/** @throws FreshetError `OPTION_INVALID` */
function existingStreams(
  pipeline: FeaturePipeline,
  { streams = {} }: FeaturePipelineProps,
  sources: readonly SourceToDeploy[],
): ReadonlyMap<string, ExistingStream> {
  checkBySource(pipeline, streams);
  const names = sources.map(({ name }) => name);
  const found = new Map<string, ExistingStream>();
  for (const [name, given] of Object.entries(streams)) {
    if (!names.includes(name)) refuseProp(pipeline, `streams: ${unknownSource(name, names)}`);
    const existing = isExistingStream(given) ? given : { stream: given };
    checkGroup(pipeline, `streams.${name}`, existing, { known: OPTION_NAMES.existingStream });
    checkStream(pipeline, `streams.${name}`, existing.stream);
    found.set(name, existing);
  }
  refuseSharedStream(
    pipeline,
    [...found].map(([name, { stream }]) => [name, stream] as const),
  );
  return found;
}

function isExistingStream(given: IStream | ExistingStream): given is ExistingStream {
  // A construct that has a stream is none itself.
  return typeof given === "object" && given !== null && "stream" in given && !("node" in given);
}

function byName<Part>(
  parts: ReadonlyMap<string, SourceParts>,
  pick: (parts: SourceParts) => Part | undefined,
): Readonly<Record<string, Part>> {
  const found: Record<string, Part> = {};
  for (const [name, each] of parts) {
    const part = pick(each);
    if (part !== undefined) found[name] = part;
  }
  return found;
}

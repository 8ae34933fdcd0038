import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import { type IStream, Stream, StreamEncryption, StreamMode } from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import type { OptionNames } from "../define/check-options.ts";
import { grantStreamPut } from "./access/stream-access.ts";
import { acknowledge } from "./acknowledge.ts";
import { checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkStream } from "./check-resources.ts";
import { checkNumber, checkSwitch } from "./check-values.ts";
import { loadSource, SOURCE_PROPS, type SourceProps } from "./definitions.ts";
import { functionOptions } from "./functions/function-options.ts";
import type { FunctionOptions, RetentionOptions, StreamOptions } from "./options.ts";
import { StreamHeartbeats } from "./stream-heartbeats.ts";

/** What an {@link EventStream} takes. */
export interface EventStreamProps extends SourceProps, StreamOptions, FunctionOptions, RetentionOptions {
  /** An existing stream. It keeps records for as long as the source declares, or longer. @default one is made */
  readonly stream?: IStream;
  /**
   * Whether heartbeats keep the freshness of idle shards known.
   * @default true for a stream that is made, false for an existing one, which others own
   */
  readonly heartbeats?: boolean;
}

const PROPS: OptionNames<EventStreamProps> = {
  ...SOURCE_PROPS,
  ...OPTION_NAMES.stream,
  ...OPTION_NAMES.function,
  ...OPTION_NAMES.retention,
  stream: true,
  heartbeats: true,
};

/**
 * The Kinesis stream of one source: encrypted, kept for as long as the source declares (7 days by default), retained when
 * it leaves the stack; with a heartbeat to every shard, at most a third of the tightest SLA apart.
 *
 * @throws FreshetError `OPTION_INVALID` for a source or a prop that there is not, or shards that cannot be, and what loading the definitions throws.
 * @example
 * ```ts
 * const payments = new EventStream(this, "Payments", {
 *   definitions: new URL("./fraud.ts", import.meta.url),
 *   source: "transactions",
 *   shards: 4,
 * });
 * payments.grantPut(checkoutRole);
 * ```
 */
export class EventStream extends Construct {
  /** The source's name. */
  readonly source: string;
  /** The stream itself, made or given. */
  readonly stream: IStream;
  /** Undefined where none are sent: an existing stream, or one that no view reads. */
  readonly heartbeats: StreamHeartbeats | undefined;

  constructor(scope: Construct, id: string, props: EventStreamProps) {
    super(scope, id);
    checkProps(this, props, PROPS);
    checkNumber(this, "shards", props.shards, { least: 1, word: "on-demand" });
    checkSwitch(this, "heartbeats", props.heartbeats);
    if (props.stream !== undefined) checkStream(this, "stream", props.stream);
    const source = loadSource(this, props);
    this.source = source.name;
    this.stream = props.stream ?? createStream(this, props, source.retentionMs);
    const wanted = props.heartbeats ?? props.stream === undefined;
    this.heartbeats =
      wanted && source.slaMs !== null
        ? new StreamHeartbeats(this, "Heartbeats", {
            stream: this.stream,
            slaMs: source.slaMs,
            ...functionOptions(props),
          })
        : undefined;
  }

  /** Lets a producer put records. */
  grantPut(grantee: IGrantable): Grant {
    return grantStreamPut(this.stream, grantee);
  }

  /** Records put, heartbeats among them. */
  metricRecords(options?: MetricOptions): Metric {
    return this.stream.metricIncomingRecords({ period: Duration.minutes(1), statistic: "Sum", ...options });
  }

  /** Puts refused for want of capacity. */
  metricThrottles(options?: MetricOptions): Metric {
    return this.stream.metricWriteProvisionedThroughputExceeded({
      period: Duration.minutes(1),
      statistic: "Sum",
      ...options,
    });
  }
}

function createStream(scope: Construct, props: EventStreamProps, retentionMs: number): Stream {
  const { shards = "on-demand", encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
  const stream = new Stream(scope, "Stream", {
    ...(shards === "on-demand"
      ? { streamMode: StreamMode.ON_DEMAND }
      : { streamMode: StreamMode.PROVISIONED, shardCount: shards }),
    retentionPeriod: Duration.hours(retentionMs / 3_600_000),
    ...(encryptionKey === undefined
      ? { encryption: StreamEncryption.MANAGED }
      : { encryption: StreamEncryption.KMS, encryptionKey }),
    removalPolicy,
  });
  if (encryptionKey !== undefined) {
    acknowledge(
      stream,
      "AwsSolutions-KDS3",
      "A key of one's own was asked for: it costs more than AWS's, and its use can be controlled.",
    );
  }
  return stream;
}

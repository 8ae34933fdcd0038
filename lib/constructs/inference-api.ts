import { Duration } from "aws-cdk-lib";
import {
  type Alarm,
  ComparisonOperator,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import {
  Alias,
  type FunctionUrl,
  FunctionUrlAuthType,
  type IVersion,
  type Function as LambdaFunction,
} from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { isRecord, type OptionNames } from "../define/check-options.ts";
import { grantTableRead } from "./access/table-access.ts";
import { acknowledge } from "./acknowledge.ts";
import { checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkTable } from "./check-resources.ts";
import { checkChoice, checkDuration, checkNumber, LAMBDA_MEMORY, LAMBDA_TIMEOUT } from "./check-values.ts";
import { type DefinitionsProps, loadDefinitions } from "./definitions.ts";
import { createKitFunction } from "./functions/kit-function.ts";
import { DEFAULT_NAMESPACE, type ModelMetricName, ownMetric, type RouteMetricName } from "./metrics.ts";
import type { AnyTable, FunctionOptions, InferenceApiOptions } from "./options.ts";
import { refuseProp } from "./refuse-prop.ts";
import { tellGiven } from "./tell-given.ts";

/** A core, which loading models takes for itself. */
const CORE_MB = 1769;

/** What an {@link InferenceApi} takes. */
export interface InferenceApiProps extends DefinitionsProps, InferenceApiOptions, FunctionOptions {
  /** Where the aggregators write. */
  readonly table: AnyTable;
  /** CloudWatch namespace of the function's metrics; two pipelines of one account must not share one. @default "Freshet" */
  readonly metricsNamespace?: string;
}

const PROPS: OptionNames<InferenceApiProps> = {
  definitions: true,
  ...OPTION_NAMES.api,
  ...OPTION_NAMES.function,
  table: true,
  metricsNamespace: true,
};

/**
 * The HTTP API, with every model of the definitions, behind the URL of a function's alias, which IAM guards. A new version
 * takes over a tenth of the requests for five minutes, and is rolled back when invocations fail, answers are server errors
 * or predictions take too long meanwhile.
 *
 * @throws FreshetError `OPTION_INVALID` for a prop that there is not, or a number that cannot be; what loading the definitions throws; `MODEL_INVALID` for a model's file outside their folder.
 * @example
 * ```ts
 * const api = new InferenceApi(this, "Api", {
 *   definitions: new URL("./fraud.ts", import.meta.url),
 *   table,
 * });
 * api.grantInvoke(checkoutRole);
 * new CfnOutput(this, "Url", { value: api.url });
 * ```
 */
export class InferenceApi extends Construct {
  /** What answers; requests go to its alias. */
  readonly function: LambdaFunction;
  /** What the URL leads to. */
  readonly alias: Alias;
  /** Where requests go: signed ones alone, unless `authType` says otherwise. */
  readonly functionUrl: FunctionUrl;
  /** Rings when invocations fail: the function does not begin, or ends. What it answers itself is no failure to Lambda. */
  readonly errorAlarm: Alarm;
  /** Rings when answers are server errors, other than a freshness policy's and those of an environment that is ending. */
  readonly serverErrorAlarm: Alarm;
  /** Rings when predictions take longer than the limit. */
  readonly latencyAlarm: Alarm;
  /** Undefined where versions take over all at once. */
  readonly deploymentGroup: LambdaDeploymentGroup | undefined;
  private readonly namespace: string;

  constructor(scope: Construct, id: string, props: InferenceApiProps) {
    super(scope, id);
    checkProps(this, props, PROPS);
    checkNumber(this, "memorySize", props.memorySize, LAMBDA_MEMORY);
    checkNumber(this, "provisionedConcurrency", props.provisionedConcurrency, { least: 1 });
    checkDuration(this, "timeout", props.timeout, LAMBDA_TIMEOUT);
    checkDuration(this, "latencyLimit", props.latencyLimit, { least: Duration.millis(1) });
    checkTable(this, props.table);
    checkChoice(this, "deployment", props.deployment, ["canary", "all-at-once"]);
    checkChoice(this, "authType", props.authType, Object.values(FunctionUrlAuthType));
    if (props.cors !== undefined && !isRecord(props.cors)) {
      refuseProp(
        this,
        `cors is ${tellGiven(props.cors)}; it is an object, such as { allowedOrigins: ["https://example.com"] }.`,
      );
    }
    const { file, models } = loadDefinitions(this, props);
    const { table, metricsNamespace = DEFAULT_NAMESPACE, provisionedConcurrency, cors } = props;
    this.namespace = metricsNamespace;
    this.function = createKitFunction(this, "Function", {
      ...props,
      bundle: {
        name: "infer",
        definitionsFile: file,
        modelFiles: [...new Set(models.map((model) => model.file))],
      },
      description: "Serves features and predictions",
      memorySize: props.memorySize ?? CORE_MB,
      timeout: props.timeout ?? Duration.seconds(30),
      environment: { FRESHET_TABLE: table.tableName, FRESHET_METRICS_NAMESPACE: metricsNamespace },
    });
    grantTableRead(table, this.function.role!);
    this.alias = new Alias(this, "Live", {
      aliasName: "live",
      // No IVersion under exactOptionalPropertyTypes: its role may be undefined.
      version: this.function.currentVersion as IVersion,
      ...(provisionedConcurrency === undefined
        ? {}
        : { provisionedConcurrentExecutions: provisionedConcurrency }),
    });
    this.functionUrl = this.alias.addFunctionUrl({
      authType: props.authType ?? FunctionUrlAuthType.AWS_IAM,
      ...(cors === undefined ? {} : { cors }),
    });
    this.errorAlarm = this.createErrorAlarm();
    this.serverErrorAlarm = this.createServerErrorAlarm();
    this.latencyAlarm = this.createLatencyAlarm(props.latencyLimit ?? Duration.seconds(1));
    this.deploymentGroup = (props.deployment ?? "canary") === "canary" ? this.createCanary() : undefined;
  }

  /** Where the API answers, ending in a slash. */
  get url(): string {
    return this.functionUrl.url;
  }

  private createErrorAlarm(): Alarm {
    return this.alias.metricErrors({ period: Duration.minutes(1) }).createAlarm(this, "ErrorAlarm", {
      alarmDescription: "Invocations of the inference function fail: the API does not begin, or ends.",
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private createServerErrorAlarm(): Alarm {
    return this.metricServerErrors().createAlarm(this, "ServerErrorAlarm", {
      alarmDescription:
        "Predictions or features are answered by server errors, those of a freshness policy left out.",
      threshold: 0,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private createLatencyAlarm(limit: Duration): Alarm {
    return this.metricLatency().createAlarm(this, "LatencyAlarm", {
      alarmDescription: "Of a hundred predictions, one takes longer than the limit.",
      threshold: limit.toMilliseconds(),
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private createCanary(): LambdaDeploymentGroup {
    const group = new LambdaDeploymentGroup(this, "Canary", {
      alias: this.alias,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: [this.errorAlarm, this.serverErrorAlarm, this.latencyAlarm],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    acknowledge(
      group,
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
      "AWS keeps it to what CodeDeploy needs for shifting a function's alias.",
    );
    return group;
  }

  /** Lets the URL be called, with requests that are signed. */
  grantInvoke(grantee: IGrantable): Grant {
    return this.functionUrl.grantInvokeUrl(grantee);
  }

  /** Milliseconds that the 99th of a hundred predictions took, within the function. */
  metricLatency(options?: MetricOptions): Metric {
    return this.metricOfRoute("Latency", "/v1/predict", { statistic: "p99", ...options });
  }

  /** Answers that are server errors, of all routes, those of a freshness policy left out; none is written where there is none. */
  metricServerErrors(options?: MetricOptions): Metric {
    const dimensions = { service: "infer" };
    return ownMetric(
      { namespace: this.namespace, name: "ServerErrors", dimensions, statistic: "Sum" },
      options,
    );
  }

  /** What a route (`/v1/predict`, `/v1/features`) did. */
  metricOfRoute(name: RouteMetricName, route: string, options?: MetricOptions): Metric {
    const dimensions = { service: "infer", route };
    return ownMetric({ namespace: this.namespace, name, dimensions, statistic: "Sum" }, options);
  }

  /** What was asked of a model. */
  metricOfModel(name: ModelMetricName, model: string, options?: MetricOptions): Metric {
    const dimensions = { service: "infer", model };
    return ownMetric({ namespace: this.namespace, name, dimensions, statistic: "Sum" }, options);
  }

  /** Invocations that Lambda refused for want of concurrency. */
  metricThrottles(options?: MetricOptions): Metric {
    return this.alias.metricThrottles({ period: Duration.minutes(1), ...options });
  }
}

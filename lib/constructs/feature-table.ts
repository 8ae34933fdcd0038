import { Duration, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { OptionNames } from "../define/check-options.ts";
import { FreshetError } from "../define/error.ts";
import { grantTableFold, grantTableRead } from "./access/table-access.ts";
import { checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkTable } from "./check-resources.ts";
import { checkNumber } from "./check-values.ts";
import type { AnyTable, RetentionOptions } from "./options.ts";
import { refuseUnsoundTable } from "./refuse-unsound-table.ts";
import { TABLE_ATTRIBUTES } from "./table-attributes.ts";

/** What a {@link FeatureTable} takes. */
export interface FeatureTableProps extends RetentionOptions {
  /** An existing table with the partition key `pk` (text), no sort key, and the TTL attribute `ttl`. @default one is made */
  readonly table?: AnyTable;
  /** @default a key of AWS's own */
  readonly encryptionKey?: IKey;
  /** The most read units a second that can be paid for. @default the account's limit */
  readonly maxReadUnits?: number;
  /** The most write units a second that can be paid for; beyond, shards fall behind and nothing is lost. @default the account's limit */
  readonly maxWriteUnits?: number;
}

const PROPS: OptionNames<FeatureTableProps> = {
  ...OPTION_NAMES.retention,
  table: true,
  encryptionKey: true,
  maxReadUnits: true,
  maxWriteUnits: true,
};

/**
 * The DynamoDB table of all views: on demand, encrypted, restorable to any second of the last 35 days, expired items
 * deleted; retained when it leaves the stack.
 *
 * @throws FreshetError `OPTION_INVALID` for a prop that there is not, a number that cannot be, a table with another key or TTL attribute, or a key of yours in a stack without a region, where the CDK cannot write it.
 * @example
 * ```ts
 * const features = new FeatureTable(this, "Features");
 * features.grantRead(auditRole);
 * ```
 */
export class FeatureTable extends Construct {
  /** The table itself, made or given. */
  readonly table: AnyTable;

  constructor(scope: Construct, id: string, props: FeatureTableProps = {}) {
    super(scope, id);
    checkProps(this, props, PROPS);
    if (props.table !== undefined) checkTable(this, props.table);
    checkNumber(this, "maxReadUnits", props.maxReadUnits, { least: 1 });
    checkNumber(this, "maxWriteUnits", props.maxWriteUnits, { least: 1 });
    const { encryptionKey, maxReadUnits, maxWriteUnits, removalPolicy = RemovalPolicy.RETAIN } = props;
    if (
      props.table === undefined &&
      encryptionKey !== undefined &&
      Token.isUnresolved(Stack.of(this).region)
    ) {
      throw new FreshetError(
        "OPTION_INVALID",
        `${Stack.of(this).node.path}: a table with a key of yours needs a stack with a region; give the stack env: { region }.`,
      );
    }
    this.table =
      props.table ??
      new TableV2(this, "Table", {
        partitionKey: { name: TABLE_ATTRIBUTES.partitionKey, type: AttributeType.STRING },
        timeToLiveAttribute: TABLE_ATTRIBUTES.timeToLive,
        billing: Billing.onDemand({
          ...(maxReadUnits === undefined ? {} : { maxReadRequestUnits: maxReadUnits }),
          ...(maxWriteUnits === undefined ? {} : { maxWriteRequestUnits: maxWriteUnits }),
        }),
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        encryption:
          encryptionKey === undefined
            ? TableEncryptionV2.awsManagedKey()
            : TableEncryptionV2.customerManagedKey(encryptionKey),
        removalPolicy,
      });
    refuseUnsoundTable(this.table);
  }

  /** Lets features be read: what the API may do. */
  grantRead(grantee: IGrantable): Grant {
    return grantTableRead(this.table, grantee);
  }

  /** Lets records be folded: what the aggregator may do. */
  grantFold(grantee: IGrantable): Grant {
    return grantTableFold(this.table, grantee);
  }

  /** Write units a minute. */
  metricWriteUnits(options?: MetricOptions): Metric {
    return this.metric("ConsumedWriteCapacityUnits", options);
  }

  /** Read units a minute. */
  metricReadUnits(options?: MetricOptions): Metric {
    return this.metric("ConsumedReadCapacityUnits", options);
  }

  private metric(metricName: string, options: MetricOptions = {}): Metric {
    return new Metric({
      namespace: "AWS/DynamoDB",
      metricName,
      dimensionsMap: { TableName: this.table.tableName },
      period: Duration.minutes(1),
      statistic: "Sum",
      ...options,
    });
  }
}

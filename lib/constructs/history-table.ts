import { Names, Stack } from "aws-cdk-lib";
import { CfnDatabase, CfnTable } from "aws-cdk-lib/aws-glue";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { SourceToDeploy } from "../bundle/deployment-description.ts";

/** The first day that a query looks for, in the table's partition projection. */
const FIRST_DAY = "2020-01-01";

/** What a {@link HistoryTable} takes. */
export interface HistoryTableProps {
  /** The table's name. */
  readonly name: string;
  /** Without the partition keys, which are `date` and `hour`. */
  readonly columns: Exclude<SourceToDeploy["historyColumns"], string>;
  /** Where its objects are: `s3://...`, ending in a slash. */
  readonly location: string;
}

/**
 * The Glue table by which Firehose writes Parquet and Athena reads it. Its partitions, a date and an hour of arrival, are
 * projected: none is ever registered.
 */
export class HistoryTable extends Construct {
  readonly database: CfnDatabase;
  readonly table: CfnTable;
  readonly databaseName: string;
  readonly tableName: string;

  constructor(scope: Construct, id: string, { name, columns, location }: HistoryTableProps) {
    super(scope, id);
    const catalogId = Stack.of(this).account;
    this.databaseName = Names.uniqueResourceName(this, { separator: "_", maxLength: 200 }).toLowerCase();
    this.tableName = name.toLowerCase();
    this.database = new CfnDatabase(this, "Database", {
      catalogId,
      databaseInput: { name: this.databaseName },
    });
    this.table = new CfnTable(this, "Table", {
      catalogId,
      databaseName: this.databaseName,
      tableInput: {
        name: this.tableName,
        tableType: "EXTERNAL_TABLE",
        partitionKeys: [
          { name: "date", type: "string" },
          { name: "hour", type: "string" },
        ],
        parameters: {
          classification: "parquet",
          "projection.enabled": "true",
          "projection.date.type": "date",
          "projection.date.format": "yyyy-MM-dd",
          "projection.date.range": `${FIRST_DAY},NOW`,
          "projection.hour.type": "integer",
          "projection.hour.range": "0,23",
          "projection.hour.digits": "2",
          "storage.location.template": `${location}date=\${date}/hour=\${hour}/`,
        },
        storageDescriptor: {
          columns: columns.map((column) => ({ ...column })),
          location,
          inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
          outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
          serdeInfo: {
            serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
          },
        },
      },
    });
    this.table.addResourceDependency(this.database);
  }

  /** Lets the table's schema be read. */
  grantReadSchema(role: IRole): void {
    const stack = Stack.of(this);
    const arn = (resource: string, resourceName?: string) =>
      stack.formatArn({
        service: "glue",
        resource,
        ...(resourceName === undefined ? {} : { resourceName }),
      });
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
        resources: [
          arn("catalog"),
          arn("database", this.databaseName),
          arn("table", `${this.databaseName}/${this.tableName}`),
        ],
      }),
    );
  }
}

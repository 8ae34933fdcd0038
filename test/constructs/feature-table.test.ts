import type { CfnResource, Stack } from "aws-cdk-lib";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { AttributeType, Table, type TableProps, type TablePropsV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, it } from "vitest";
import { FeatureTable, type FeatureTableProps } from "../../lib/constructs/index.ts";
import { statementsOf, synthesise } from "./fixtures/synthesise.ts";

const ENVIRONMENT = { region: "eu-west-1", account: "123456789012" };

const table = (props: FeatureTableProps = {}) =>
  synthesise((stack) => new FeatureTable(stack, "Features", props), { env: ENVIRONMENT });

const propertiesOf = (template: Template) => {
  const [made] = Object.values(template.findResources("AWS::DynamoDB::GlobalTable"));
  return made!.Properties as Readonly<Record<string, unknown>> & { readonly Replicas: readonly object[] };
};

describe("FeatureTable", () => {
  it("is on demand, without a bound, by one text key; expired items are deleted, and it can be restored", () => {
    const { template } = table();
    template.hasResource("AWS::DynamoDB::GlobalTable", {
      Properties: {
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
        WriteOnDemandThroughputSettings: Match.absent(),
      },
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
    expect(propertiesOf(template).Replicas).toEqual([
      { Region: "eu-west-1", PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    ]);
  });

  it("spends no more units a second than it may", () => {
    const { template } = table({ maxReadUnits: 2_000, maxWriteUnits: 4_000 });
    const { WriteOnDemandThroughputSettings, Replicas } = propertiesOf(template);
    expect(WriteOnDemandThroughputSettings).toEqual({ MaxWriteRequestUnits: 4_000 });
    expect(Replicas).toMatchObject([{ ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 2_000 } }]);
  });

  it("is encrypted by a key of one's own", () => {
    const { template } = synthesise(
      (stack) => new FeatureTable(stack, "Features", { encryptionKey: new Key(stack, "Key") }),
      { env: ENVIRONMENT },
    );
    expect(propertiesOf(template).Replicas).toMatchObject([
      { SSESpecification: { KMSMasterKeyId: { "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] } } },
    ]);
  });

  it("lets it be read, or folded into, and no more", () => {
    const grants = (grant: (features: FeatureTable, role: Role) => void) => {
      const { template } = synthesise((stack: Stack) => {
        const role = new Role(stack, "Reader", { assumedBy: new AccountPrincipal("123456789012") });
        grant(new FeatureTable(stack, "Features"), role);
      });
      return statementsOf(template, "Reader").map(({ Action, Resource }) => [Action, Resource]);
    };
    const arn = { "Fn::GetAtt": [expect.stringMatching(/^FeaturesTable/), "Arn"] };
    expect(grants((features, role) => features.grantRead(role))).toEqual([
      [["dynamodb:BatchGetItem", "dynamodb:GetItem"], arn],
    ]);
    expect(grants((features, role) => features.grantFold(role))).toEqual([
      [["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"], arn],
    ]);
  });

  it("takes an existing one, and tells of its units a minute", () => {
    const { template, built } = synthesise(
      (stack) =>
        new FeatureTable(stack, "Features", { table: TableV2.fromTableName(stack, "Theirs", "features") }),
    );
    template.resourceCountIs("AWS::DynamoDB::GlobalTable", 0);
    const statOf = (metric: ReturnType<FeatureTable["metricReadUnits"]>) =>
      metric.toMetricConfig().metricStat;
    expect(statOf(built.metricWriteUnits())).toMatchObject({
      namespace: "AWS/DynamoDB",
      metricName: "ConsumedWriteCapacityUnits",
      statistic: "Sum",
      dimensions: [{ name: "TableName", value: "features" }],
    });
    expect(statOf(built.metricReadUnits())).toMatchObject({ metricName: "ConsumedReadCapacityUnits" });
  });

  describe("of a table of the app", () => {
    const pk = { name: "pk", type: AttributeType.STRING };
    const sound = { partitionKey: pk, timeToLiveAttribute: "ttl" };
    const given = (props: TableProps) => () =>
      synthesise((stack) => new FeatureTable(stack, "Features", { table: new Table(stack, "Owned", props) }));
    const givenV2 = (props: TablePropsV2) => () =>
      synthesise(
        (stack) => new FeatureTable(stack, "Features", { table: new TableV2(stack, "Owned", props) }),
      );

    it.each<[string, TableProps & TablePropsV2]>([
      ['has the partition key "id"', { ...sound, partitionKey: { ...pk, name: "id" } }],
      ['has a partition key of type "N"', { ...sound, partitionKey: { ...pk, type: AttributeType.NUMBER } }],
      ['has the sort key "sk"', { ...sound, sortKey: { ...pk, name: "sk" } }],
      ['has the TTL attribute "expires"', { ...sound, timeToLiveAttribute: "expires" }],
      ["has no TTL attribute", { partitionKey: pk }],
    ])("refuses one that %s", (problem, props) => {
      const told = `FeatureTable Test/Features: the table Test/Owned ${problem}; it has the partition key pk of type S, no sort key, and the TTL attribute ttl.`;
      expect(given(props)).toThrow(told);
      expect(givenV2(props)).toThrow(told);
    });

    it.each<[string, (resource: CfnResource) => void]>([
      [
        'has the sort key "sk"',
        (it) => it.addPropertyOverride("KeySchema.1", { AttributeName: "sk", KeyType: "RANGE" }),
      ],
      [
        'has the partition key "id"',
        (it) => it.addPropertyOverride("KeySchema", [{ AttributeName: "id", KeyType: "HASH" }]),
      ],
      [
        'has a partition key of type "N"',
        (it) => it.addPropertyOverride("AttributeDefinitions.0.AttributeType", "N"),
      ],
      [
        'has the TTL attribute "expires"',
        (it) => it.addPropertyOverride("TimeToLiveSpecification.AttributeName", "expires"),
      ],
      ["has no TTL attribute", (it) => it.addPropertyOverride("TimeToLiveSpecification.Enabled", false)],
      ["has no TTL attribute", (it) => it.addPropertyDeletionOverride("TimeToLiveSpecification")],
    ])("refuses one that %s by an override, once, be it the kit's or not", (problem, override) => {
      const told = `${problem}; it has the partition key pk of type S, no sort key, and the TTL attribute ttl.`;
      const withOverride = (owned: boolean) => () =>
        synthesise((stack) => {
          const table = owned ? new TableV2(stack, "Owned", sound) : new FeatureTable(stack, "Made").table;
          for (const id of ["One", "Two"]) new FeatureTable(stack, id, { table });
          override(table.node.defaultChild as CfnResource);
        });
      for (const [owned, path] of [
        [true, "Test/Owned"],
        [false, "Test/Made/Table"],
      ] as const) {
        let message = "";
        try {
          withOverride(owned)();
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message.split(`the table ${path} ${told}`)).toHaveLength(2);
      }
    });

    it("takes overrides of what the kit does not rest on", () => {
      synthesise((stack) => {
        const { table } = new FeatureTable(stack, "Made");
        const replica = table.node.defaultChild as CfnResource;
        replica.addPropertyOverride("Replicas.0.DeletionProtectionEnabled", true);
      });
    });

    it("takes one with the kit's key and TTL attribute, other indexes or not", () => {
      const globalSecondaryIndexes = [{ indexName: "by", partitionKey: { ...pk, name: "by" } }];
      expect(given(sound)).not.toThrow();
      expect(givenV2({ ...sound, globalSecondaryIndexes })).not.toThrow();
    });
  });
});

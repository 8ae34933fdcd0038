/** Where AWS documents what a check expects. */

const DOCUMENTATION = "https://docs.aws.amazon.com";

/** A page of AWS's documentation. */
export interface AwsPage {
  readonly name: string;
  readonly url: string;
}

/** An action, or a type, of the DynamoDB API reference. */
export function dynamoDbApi(name: string): AwsPage {
  return { name, url: `${DOCUMENTATION}/amazondynamodb/latest/APIReference/API_${name}.html` };
}

/** An action, or a type, of the Kinesis API reference. */
export function kinesisApi(name: string): AwsPage {
  return { name, url: `${DOCUMENTATION}/kinesis/latest/APIReference/API_${name}.html` };
}

const dynamoDbGuide = (name: string, page: string): AwsPage => ({
  name,
  url: `${DOCUMENTATION}/amazondynamodb/latest/developerguide/${page}.html`,
});

const kinesisGuide = (name: string, page: string): AwsPage => ({
  name,
  url: `${DOCUMENTATION}/streams/latest/dev/${page}.html`,
});

export const dynamoDbPages = {
  conditions: dynamoDbGuide("condition expressions", "Expressions.ConditionExpressions"),
  comparisons: dynamoDbGuide("operators and functions", "Expressions.OperatorsAndFunctions"),
  values: dynamoDbGuide("expression attribute values", "Expressions.ExpressionAttributeValues"),
  dataTypes: dynamoDbGuide("data types", "HowItWorks.NamingRulesDataTypes"),
  constraints: dynamoDbGuide("constraints", "Constraints"),
  itemSizes: dynamoDbGuide("item sizes", "CapacityUnitCalculations"),
  consumption: dynamoDbGuide("capacity consumption", "read-write-operations"),
  consistency: dynamoDbGuide("read consistency", "HowItWorks.ReadConsistency"),
} as const;

export const kinesisPages = {
  concepts: kinesisGuide("concepts", "key-concepts"),
  quotas: kinesisGuide("quotas and limits", "service-sizes-and-limits"),
  split: kinesisGuide("split a shard", "kinesis-using-sdk-java-resharding-split"),
  merge: kinesisGuide("merge two shards", "kinesis-using-sdk-java-resharding-merge"),
  afterResharding: kinesisGuide("after resharding", "kinesis-using-sdk-java-after-resharding"),
} as const;

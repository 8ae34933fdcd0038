import type { PriceList } from "./price-list.ts";

const KINESIS = "https://aws.amazon.com/kinesis/data-streams/pricing/";
const LAMBDA = "https://aws.amazon.com/lambda/pricing/";
const DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const FIREHOSE = "https://aws.amazon.com/firehose/pricing/";
const S3 = "https://aws.amazon.com/s3/pricing/";
const CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/";
const EVENTBRIDGE = "https://aws.amazon.com/eventbridge/pricing/";

/**
 * List prices of US East (N. Virginia), in the first tier of each, without free tiers, reserved capacity or savings plans.
 * They were written down as known on that day, not read from the pages by a program: whoever compares one changes the date.
 */
export const US_EAST_1: PriceList = {
  region: "us-east-1",
  date: "2025-07-21",
  prices: {
    kinesisStreamHour: { usd: 0.04, unit: "on-demand stream-hour", page: KINESIS },
    kinesisInGb: { usd: 0.08, unit: "GB written on demand, each record rounded up to 1 KB", page: KINESIS },
    kinesisOutGb: { usd: 0.04, unit: "GB read on demand", page: KINESIS },
    kinesisExtendedGbMonth: {
      usd: 0.1,
      unit: "GB-month kept from 24 hours to 7 days, on demand",
      page: KINESIS,
    },
    kinesisShardHour: { usd: 0.015, unit: "provisioned shard-hour", page: KINESIS },
    kinesisPutUnitMillion: {
      usd: 0.014,
      unit: "million put payload units of 25 KB, provisioned",
      page: KINESIS,
    },
    kinesisExtendedShardHour: {
      usd: 0.02,
      unit: "shard-hour of retention up to 7 days, provisioned",
      page: KINESIS,
    },
    kinesisLongTermGbMonth: { usd: 0.023, unit: "GB-month kept beyond 7 days", page: KINESIS },
    lambdaRequestMillion: { usd: 0.2, unit: "million requests", page: LAMBDA },
    lambdaArmGbSecond: { usd: 0.0000133334, unit: "GB-second on arm64", page: LAMBDA },
    lambdaX86GbSecond: { usd: 0.0000166667, unit: "GB-second on x86_64", page: LAMBDA },
    lambdaArmProvisionedGbSecond: {
      usd: 0.0000033334,
      unit: "GB-second of provisioned concurrency on arm64",
      page: LAMBDA,
    },
    lambdaX86ProvisionedGbSecond: {
      usd: 0.0000041667,
      unit: "GB-second of provisioned concurrency on x86_64",
      page: LAMBDA,
    },
    lambdaArmProvisionedDurationGbSecond: {
      usd: 0.0000077778,
      unit: "GB-second that provisioned concurrency served on arm64",
      page: LAMBDA,
    },
    lambdaX86ProvisionedDurationGbSecond: {
      usd: 0.0000097222,
      unit: "GB-second that provisioned concurrency served on x86_64",
      page: LAMBDA,
    },
    dynamoWriteMillion: { usd: 0.625, unit: "million write request units of 1 KB", page: DYNAMODB },
    dynamoReadMillion: {
      usd: 0.125,
      unit: "million read request units of 4 KB, strongly consistent",
      page: DYNAMODB,
    },
    dynamoGbMonth: { usd: 0.25, unit: "GB-month", page: DYNAMODB },
    dynamoRecoveryGbMonth: { usd: 0.2, unit: "GB-month of point-in-time recovery", page: DYNAMODB },
    firehoseGb: { usd: 0.029, unit: "GB, each record rounded up to 5 KB", page: FIREHOSE },
    firehoseConversionGb: { usd: 0.018, unit: "GB converted to Parquet", page: FIREHOSE },
    s3GbMonth: { usd: 0.023, unit: "GB-month, Standard", page: S3 },
    s3PutThousand: { usd: 0.005, unit: "thousand PUT requests", page: S3 },
    cloudwatchMetricMonth: { usd: 0.3, unit: "custom metric and month", page: CLOUDWATCH },
    cloudwatchAlarmMonth: { usd: 0.1, unit: "alarm metric and month", page: CLOUDWATCH },
    cloudwatchDashboardMonth: { usd: 3, unit: "dashboard and month", page: CLOUDWATCH },
    cloudwatchLogsGb: { usd: 0.5, unit: "GB of logs written", page: CLOUDWATCH },
    schedulerMillion: { usd: 1, unit: "million scheduled invocations", page: EVENTBRIDGE },
  },
};

import { FreshetError } from "../define/error.ts";

/** What is paid for, by name. */
export const PRICE_NAMES = [
  "kinesisStreamHour",
  "kinesisInGb",
  "kinesisOutGb",
  "kinesisExtendedGbMonth",
  "kinesisShardHour",
  "kinesisPutUnitMillion",
  "kinesisExtendedShardHour",
  "kinesisLongTermGbMonth",
  "lambdaRequestMillion",
  "lambdaArmGbSecond",
  "lambdaX86GbSecond",
  "lambdaArmProvisionedGbSecond",
  "lambdaX86ProvisionedGbSecond",
  "lambdaArmProvisionedDurationGbSecond",
  "lambdaX86ProvisionedDurationGbSecond",
  "dynamoWriteMillion",
  "dynamoReadMillion",
  "dynamoGbMonth",
  "dynamoRecoveryGbMonth",
  "firehoseGb",
  "firehoseConversionGb",
  "s3GbMonth",
  "s3PutThousand",
  "cloudwatchMetricMonth",
  "cloudwatchAlarmMonth",
  "cloudwatchDashboardMonth",
  "cloudwatchLogsGb",
  "schedulerMillion",
] as const;
export type PriceName = (typeof PRICE_NAMES)[number];

/** A price, and where it is published. */
export interface Price {
  readonly usd: number;
  readonly unit: string;
  readonly page: string;
}

/** Prices of one region, as they were on a day. */
export interface PriceList {
  readonly region: string;
  /** The day that they are of, ISO 8601. */
  readonly date: string;
  readonly prices: Readonly<Record<PriceName, Price>>;
}

/** A file of prices: those that differ from a list's, in USD by name, and what they are prices of. */
export interface PriceFile {
  readonly region: string;
  readonly date: string;
  readonly usd: Readonly<Partial<Record<PriceName, number>>>;
}

/**
 * A list with a file's prices in place of its own.
 *
 * @throws FreshetError `OPTION_INVALID` for a file that is no price file, or names what is not paid for.
 */
export function withPriceFile(list: PriceList, file: unknown, where: string): PriceList {
  const refuse = (problem: string): never => {
    throw new FreshetError("OPTION_INVALID", `${where} ${problem}`);
  };
  if (typeof file !== "object" || file === null || Array.isArray(file)) {
    return refuse('is no price file; write {"region": ..., "date": ..., "usd": {"kinesisInGb": 0.08}}.');
  }
  const { region, date, usd, ...others } = file as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined) return refuse(`has the field ${other}; it has region, date and usd.`);
  if (typeof region !== "string" || region === "") return refuse("says no region.");
  if (typeof date !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    return refuse(`says the date ${JSON.stringify(date)}; write the day of its prices, such as 2026-01-31.`);
  }
  if (typeof usd !== "object" || usd === null) return refuse("has no usd, prices by name.");
  const prices: Record<PriceName, Price> = { ...list.prices };
  for (const [name, value] of Object.entries(usd)) {
    if (!isPriceName(name)) return refuse(`names ${name}; prices are ${PRICE_NAMES.join(", ")}.`);
    if (typeof value !== "number" || !(value >= 0)) {
      return refuse(`gives ${name} ${JSON.stringify(value)}; a price is USD from 0 on.`);
    }
    prices[name] = { ...prices[name], usd: value, page: where };
  }
  return { region, date, prices };
}

function isPriceName(name: string): name is PriceName {
  return (PRICE_NAMES as readonly string[]).includes(name);
}

import { type Charge, type CostLine, GB, KB, MONTH_SECONDS } from "../cost-line.ts";
import type { StatedLoad } from "../load.ts";
import type { SourceTraffic } from "../traffic.ts";

const FIREHOSE_ROUNDING_BYTES = 5 * KB;
/** An object each so often. */
const BUFFERING_SECONDS = 300;
/** What is left of JSON's bytes in an object. */
const KEPT_PART = { parquet: 0.3, json: 0.2 } as const;

/** Events kept in S3: Firehose, and a month's objects; each further month adds as much. */
export function historyLines(
  traffic: readonly SourceTraffic[],
  load: StatedLoad,
  charge: Charge,
): CostLine[] {
  const { history, eventBytes } = load;
  if (history === "none") return [];
  let billedBytes = 0;
  let keptBytes = 0;
  for (const { eventsPerSecond, heartbeatsPerSecond, shards } of traffic) {
    const rounded = FIREHOSE_ROUNDING_BYTES * Math.ceil(eventBytes / FIREHOSE_ROUNDING_BYTES);
    billedBytes += eventsPerSecond * rounded + heartbeatsPerSecond * shards * FIREHOSE_ROUNDING_BYTES;
    keptBytes += eventsPerSecond * eventBytes * KEPT_PART[history];
  }
  const billedGb = (billedBytes * MONTH_SECONDS) / GB;
  const objects = traffic.length * (MONTH_SECONDS / BUFFERING_SECONDS);
  return [
    charge("Firehose", "history", "firehoseGb", billedGb),
    ...(history === "parquet"
      ? [charge("Firehose", "history as Parquet", "firehoseConversionGb", billedGb)]
      : []),
    charge("S3", "history of a month", "s3GbMonth", (keptBytes * MONTH_SECONDS) / GB),
    charge("S3", "objects of history", "s3PutThousand", objects / 1_000),
  ];
}

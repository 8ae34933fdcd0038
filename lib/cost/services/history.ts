import { OBJECT_BUFFER } from "../../constructs/history-buffers.ts";
import { type Charge, type CostLine, GB, KB, MB, MONTH_SECONDS } from "../cost-line.ts";
import type { StatedLoad } from "../load.ts";
import type { SourceTraffic } from "../traffic.ts";

const FIREHOSE_ROUNDING_BYTES = 5 * KB;
/** What is left of JSON's bytes in an object. */
const KEPT_PART = { parquet: 0.3, json: 0.2 } as const;

/** Events kept in S3: Firehose, and a month's objects; each further month adds as much. */
export function historyLines(
  traffic: readonly SourceTraffic[],
  load: StatedLoad,
  charge: Charge,
): CostLine[] {
  const { history, eventBytes, bufferingIntervalSeconds } = load;
  if (history === "none") return [];
  let billedBytes = 0;
  let keptBytes = 0;
  let objectsPerSecond = 0;
  for (const { eventsPerSecond, heartbeatsPerSecond, shards } of traffic) {
    const rounded = FIREHOSE_ROUNDING_BYTES * Math.ceil(eventBytes / FIREHOSE_ROUNDING_BYTES);
    billedBytes += eventsPerSecond * rounded + heartbeatsPerSecond * shards * FIREHOSE_ROUNDING_BYTES;
    keptBytes += eventsPerSecond * eventBytes * KEPT_PART[history];
    objectsPerSecond += Math.max(
      Math.min(eventsPerSecond, 1 / bufferingIntervalSeconds),
      (eventsPerSecond * eventBytes) / (OBJECT_BUFFER.mib * MB),
    );
  }
  const billedGb = (billedBytes * MONTH_SECONDS) / GB;
  return [
    charge("Firehose", "history", "firehoseGb", billedGb),
    ...(history === "parquet"
      ? [charge("Firehose", "history as Parquet", "firehoseConversionGb", billedGb)]
      : []),
    charge("S3", "history of a month", "s3GbMonth", (keptBytes * MONTH_SECONDS) / GB),
    charge("S3", "objects of history", "s3PutThousand", (objectsPerSecond * MONTH_SECONDS) / 1_000),
  ];
}

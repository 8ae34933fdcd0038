import { type Charge, type CostLine, GB, KB, MILLION, MONTH_HOURS, MONTH_SECONDS } from "../cost-line.ts";
import type { StatedLoad } from "../load.ts";
import type { SourceTraffic } from "../traffic.ts";

const PUT_UNIT_BYTES = 25 * KB;
const DAY_SECONDS = 86_400;
/** As `encodeHeartbeat` writes them. */
const HEARTBEAT_BYTES = 11;

/** The streams: hours, what is written, what the aggregator and Firehose read, and retention beyond a day. */
export function streamLines(traffic: readonly SourceTraffic[], load: StatedLoad, charge: Charge): CostLine[] {
  const { eventBytes, history } = load;
  const readers = history === "none" ? 1 : 2;
  const sum = (of: (each: SourceTraffic) => number) => traffic.reduce((total, each) => total + of(each), 0);
  const heartbeats = (each: SourceTraffic) => each.heartbeatsPerSecond * each.shards;
  const extendedDays = ({ source }: SourceTraffic) =>
    Math.max(0, Math.min(7, source.retentionMs / 1_000 / DAY_SECONDS) - 1);

  if (load.shards !== "on-demand") {
    const shards = sum((each) => each.shards);
    const extended = sum((each) => (extendedDays(each) > 0 ? each.shards : 0));
    const units = sum(
      (each) => each.eventsPerSecond * Math.ceil(eventBytes / PUT_UNIT_BYTES) + heartbeats(each),
    );
    return [
      charge("Kinesis", "shards", "kinesisShardHour", shards * MONTH_HOURS),
      charge("Kinesis", "puts", "kinesisPutUnitMillion", (units * MONTH_SECONDS) / MILLION),
      charge("Kinesis", "retention beyond a day", "kinesisExtendedShardHour", extended * MONTH_HOURS),
    ];
  }
  const roundedBytes = KB * Math.ceil(eventBytes / KB);
  const writtenPerSecond = sum((each) => each.eventsPerSecond * roundedBytes + heartbeats(each) * KB);
  const bytesPerSecond = (each: SourceTraffic) =>
    each.eventsPerSecond * eventBytes + heartbeats(each) * HEARTBEAT_BYTES;
  const readPerSecond = sum((each) => bytesPerSecond(each) * (each.views.length > 0 ? readers : readers - 1));
  const keptBytes = sum((each) => bytesPerSecond(each) * extendedDays(each) * DAY_SECONDS);
  return [
    charge("Kinesis", "streams", "kinesisStreamHour", traffic.length * MONTH_HOURS),
    charge("Kinesis", "writes", "kinesisInGb", (writtenPerSecond * MONTH_SECONDS) / GB),
    charge("Kinesis", "reads", "kinesisOutGb", (readPerSecond * MONTH_SECONDS) / GB),
    charge("Kinesis", "retention beyond a day", "kinesisExtendedGbMonth", keptBytes / GB),
  ];
}

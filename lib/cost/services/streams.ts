import { type Charge, type CostLine, GB, KB, MILLION, MONTH_HOURS, MONTH_SECONDS } from "../cost-line.ts";
import type { StatedLoad } from "../load.ts";
import type { SourceTraffic } from "../traffic.ts";

const PUT_UNIT_BYTES = 25 * KB;
const DAY_SECONDS = 86_400;
const WEEK_DAYS = 7;
/** As `encodeHeartbeat` writes them. */
const HEARTBEAT_BYTES = 34;

/**
 * The streams that are made: hours, what is written, what the aggregator and Firehose read, and retention beyond a day,
 * which has another price beyond a week.
 */
export function streamLines(traffic: readonly SourceTraffic[], load: StatedLoad, charge: Charge): CostLine[] {
  const { eventBytes, history } = load;
  const own = traffic.filter(({ exists }) => !exists);
  const readers = history === "none" ? 1 : 2;
  const sum = (of: (each: SourceTraffic) => number) => own.reduce((total, each) => total + of(each), 0);
  const heartbeats = (each: SourceTraffic) => each.heartbeatsPerSecond * each.shards;
  const bytesPerSecond = (each: SourceTraffic) =>
    each.eventsPerSecond * eventBytes + heartbeats(each) * HEARTBEAT_BYTES;
  const days = ({ source }: SourceTraffic) => source.retentionMs / 1_000 / DAY_SECONDS;
  const extendedDays = (each: SourceTraffic) => Math.max(0, Math.min(WEEK_DAYS, days(each)) - 1);
  const longTermDays = (each: SourceTraffic) => Math.max(0, days(each) - WEEK_DAYS);
  const keptGb = (daysOf: (each: SourceTraffic) => number) =>
    (sum((each) => bytesPerSecond(each) * daysOf(each)) * DAY_SECONDS) / GB;
  const longTerm = charge(
    "Kinesis",
    "retention beyond a week",
    "kinesisLongTermGbMonth",
    keptGb(longTermDays),
  );

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
      longTerm,
    ];
  }
  const roundedBytes = KB * Math.ceil(eventBytes / KB);
  const writtenPerSecond = sum((each) => each.eventsPerSecond * roundedBytes + heartbeats(each) * KB);
  const readPerSecond = sum((each) => bytesPerSecond(each) * (each.views.length > 0 ? readers : readers - 1));
  return [
    charge("Kinesis", "streams", "kinesisStreamHour", own.length * MONTH_HOURS),
    charge("Kinesis", "writes", "kinesisInGb", (writtenPerSecond * MONTH_SECONDS) / GB),
    charge("Kinesis", "reads", "kinesisOutGb", (readPerSecond * MONTH_SECONDS) / GB),
    charge("Kinesis", "retention beyond a day", "kinesisExtendedGbMonth", keptGb(extendedDays)),
    longTerm,
  ];
}

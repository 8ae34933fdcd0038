import type { CostEstimate } from "../../lib/cost/index.ts";
import { overloadedStreams } from "../../lib/cost/overloaded-streams.ts";

const WIDTH = 12;
/** Lines that are less than this part of the total are told together. */
const LEAST_PART = 0.01;

/** An estimate as `freshet cost` prints it. */
export function costText({
  region,
  pricesOf,
  load,
  totalUsd,
  services,
  lines,
  savings,
}: CostEstimate): string {
  const rates = Object.entries(load.eventsPerSecond).map(([source, rate]) => `${source} ${number(rate)}`);
  const told = lines.filter(({ usd }) => usd >= LEAST_PART * totalUsd);
  const rest = totalUsd - told.reduce((sum, { usd }) => sum + usd, 0);
  return [
    `${dollars(totalUsd)} a month, by list prices of ${region} of ${pricesOf}, free tiers aside`,
    `events a second: ${rates.join(", ")}, of ${number(load.eventBytes)} bytes; predictions a second: ${number(load.predictionsPerSecond)}`,
    load.entities === null
      ? "each event of a batch is taken to be of another entity: --entities says how many there are"
      : `${number(load.entities)} ${load.entities === 1 ? "entity" : "entities"} of each view`,
    ...overloadedStreams(load).map(
      ({ source, eventsPerSecond, shards, leastShards }) =>
        `warning: ${shards} provisioned ${shards === 1 ? "shard" : "shards"} cannot take the ${number(eventsPerSecond)} events a second of ${source}: a shard takes 1 MB and 1,000 records a second, so it needs ${leastShards} at least`,
    ),
    "",
    "by service",
    ...services
      .filter(({ usd }) => usd > 0)
      .map(({ service, usd }) => row(usd, service, share(usd, totalUsd))),
    "",
    "what it is made of",
    ...told.map(({ service, what, usd }) => row(usd, `${service}, ${what}`, share(usd, totalUsd))),
    ...(rest > 0 ? [row(rest, "the rest", share(rest, totalUsd))] : []),
    "",
    savings.length === 0
      ? "nothing that is known here would lower it by 1 %"
      : "what would lower it, each by itself",
    ...savings.map(({ change, usd }) => row(-usd, change, "")),
  ].join("\n");
}

function row(usd: number, what: string, note: string): string {
  return `${dollars(usd).padStart(WIDTH)}  ${what}${note === "" ? "" : `  (${note})`}`;
}

function dollars(usd: number): string {
  const amount = Math.abs(usd)
    .toFixed(2)
    .replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return usd < 0 ? `-$${amount}` : `$${amount}`;
}

function share(usd: number, totalUsd: number): string {
  return totalUsd === 0 ? "0 %" : `${Math.round((100 * usd) / totalUsd)} %`;
}

function number(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}

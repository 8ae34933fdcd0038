import { aggregationTable } from "./aggregation-table.ts";

/** The whole of docs/aggregations.md. */
export function aggregationsPage(): string {
  return `# Aggregations

<!-- Written by \`npm run docs:aggregations\` from the code: change lib/engine/aggregations or bin/docs, not this page. -->

${aggregationTable()}

*Empty* is what a window without events answers, unless the feature has a \`default\`. *Bytes a tile* are those of a tile of
one event, and the most that a tile ever takes; \`freshet describe\` adds them up for a view. In *errors*, n values have the
root mean square r, the standard deviation s and the deviations d from their mean; rounding is that of 64-bit floating
point, and the same on every machine.

Every aggregation takes \`where\` (conditions by field, or a pure function of the row), several windows at once, and a
\`default\`; those with a value take a field or a pure function of the row. A text is kept to its first 256 bytes of UTF-8.

\`\`\`ts
import { source, view } from "freshet-kit";
import { z } from "zod";

const payments = source("payments", {
  schema: z.object({
    id: z.string(),
    card: z.string(),
    merchant: z.string(),
    amount: z.number(),
    at: z.iso.datetime(),
  }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
});

export const habits = view("habits", {
  version: 1,
  source: payments,
  entity: "card",
  sla: "2m",
  features: (t) => ({
    spread: t.stddev("amount").over("1h", "24h"), // spread_1h, spread_24h
    largest: t.topK("amount", { k: 3 }).over("24h"), // largest_24h: [930, 120.5, 80]
    recent: t.lastK("merchant", { k: 2 }).over("24h"), // recent_24h: ["acme", "blank"]
    usual: t.approxTopK("merchant", { k: 2 }).over("30d"), // usual_30d: [{ value: "acme", count: 41 }, ...]
    sizes: t.histogram("amount", { edges: [0, 10, 100] }).over("24h"), // sizes_24h: [0, 5, 8, 1]
    pace: t.rate({ per: "1m" }).over("1h"), // pace_1h
    idle: t.timeSinceLast().over("30d"), // idle_30d, in seconds
    heat: t.expDecayCount({ halfLife: "6h" }).lifetime(), // heat_lifetime
    shops: t.sum("amount", { by: "merchant", maxKeys: 20 }).over("24h"), // shops_24h: { values: { acme: 40 }, overflowed: 0 }
    hourly: t.count().hopping("1h", { slide: "15m" }), // hourly_hopping_1h_15m
    visit: t.count().session({ gap: "30m", max: "12h" }), // visit_session_30m_12h
  }),
});
\`\`\`

## Order and ties

\`first\`, \`last\`, \`firstK\` and \`lastK\` go by event time, then by a 64-bit hash of the event's id, then by writer: never by
the order in which events arrived. \`topK\` and \`bottomK\` keep a value as often as it came. \`approxTopK\` orders by count,
then by the value: numbers, texts by code units, false, true.

## Lists

In JSON a list is an array, best first. A model's vector takes one item of it by its place: \`habits.largest_24h.0\`,
\`habits.usual_30d.0.count\`. A place that a list can never have is refused when the definition is loaded; one that it does
not have now is null.

## By key

\`by\` an enum makes one feature for each of its values, \`channel_1h.web\`. \`by\` any other field of text, numbers or booleans
makes one feature with a value for each key: \`values\` by key, and \`overflowed\`, the number of events whose key there was
no room for. A tile keeps the first \`maxKeys\` keys that come (32 by default, at most 256); a window, and a tile that others
age into, the keys with the most events, of equals the lesser text. A value is of the events that were kept under its key:
where \`overflowed\` is above 0 it may lack some. Lists are not kept by key.

A vector takes a key's value as \`habits.shops_24h.acme\`. A key without events is what an empty window is, 0 for counts and
null for others; where \`overflowed\` is above 0 it cannot be told, and is null.

## Bounds that overflow

| where | what happens |
| --- | --- |
| \`distinct\` past \`max\` | the answer stays \`max\`, which stands for that many or more |
| \`approxTopK\` past \`capacity\` values | counts are low, by the error above; a value that came less often may be missed |
| \`by\` past \`maxKeys\` | events of further keys are counted in \`overflowed\` |
| \`approxPercentile\` past 1,024 buckets | the values of least magnitude count as 0 |
| a tile's count of \`approxPercentile\` past 2^35 | it stays there |
| an item past 350 KB | the record is quarantined as \`item-full\`, and the item stays as it was |

What is left after an overflow depends on the sequence of events alone, not on batches, retries or processes.

## Decay

An event counts 2^(-age / half-life), its age being that at the as-of time; where the window holds an event ahead of it, at
that event's time, so that nothing counts more than once. Powers of two are the engine's own, within 2^-52 of the exact
value: \`Math.pow\` differs between runtimes.
`;
}

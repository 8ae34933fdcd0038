import { formatDuration } from "../../lib/define/duration.ts";
import type {
  Description,
  ModelDescription,
  ServiceDescription,
  SourceDescription,
  ViewDescription,
} from "./description.ts";
import { bytes, call, columnText, longDuration, units, windowText } from "./phrases.ts";

type Line = readonly [label: string, text: string | null];

/** Lays a description out for reading. */
export function descriptionText(description: Description): string {
  return [
    ...description.sources.map(sourceText),
    ...description.views.map(viewText),
    ...description.services.map(serviceText),
    ...description.models.map(modelText),
  ].join("\n\n");
}

function block(title: string, lines: readonly Line[]): string {
  const shown = lines.filter(([, text]) => text !== null);
  return [title, ...shown.map(([label, text]) => `  ${label.padEnd(12)} ${text}`)].join("\n");
}

function notes({
  owner,
  description,
}: {
  owner: string | null;
  description: string | null;
}): readonly Line[] {
  return [
    ["about", description],
    ["owner", owner],
  ];
}

function sourceText(source: SourceDescription): string {
  return block(`source ${source.name}`, [
    ...notes(source),
    ["keyed by", source.partitionKey],
    [
      "event time",
      `${source.eventTime}, at most ${formatDuration(source.maxFutureSkewMs)} ahead of its arrival`,
    ],
    ["event id", source.eventId ?? "none: repeats of an event are counted again"],
    ["arrival", source.arrivalTime ?? "Kinesis's own stamp"],
    ["clock skew", source.clockSkewMs === 0 ? null : formatDuration(source.clockSkewMs)],
    ["retention", formatDuration(source.retentionMs)],
  ]);
}

function viewText(view: ViewDescription): string {
  const { item } = view;
  const perShard = view.writers === "single" ? "" : ", for each shard";
  const summary = block(`view ${view.name}@${view.version}`, [
    ...notes(view),
    ["source", view.source],
    ["entity", view.entity.length === 0 ? "none: one for all events" : view.entity.join(" + ")],
    ["writers", view.writers === "single" ? "one at a time" : "one a shard, merged when read"],
    ["where", view.where],
    ["SLA", formatDuration(view.slaMs)],
    [
      "lateness",
      `${view.allowedLatenessMs === 0 ? "none" : formatDuration(view.allowedLatenessMs)} allowed, ${longDuration(view.slackMs)} of slack in all`,
    ],
    [
      "dedup",
      view.dedup === null
        ? "none: the source names no event id"
        : `the last ${view.dedup.count} ids of ${formatDuration(view.dedup.horizonMs)}`,
    ],
    ["expires", view.expiryMs === null ? "never" : `${longDuration(view.expiryMs)} after the last event`],
    ...itemLines(view),
    ["a write", units(item.sparse.writeUnits, item.bound.writeUnits, "write unit")],
    [
      "a read",
      `${perShard === "" ? "one item" : "one item for each shard"}, ${units(item.sparse.readUnits, item.bound.readUnits, "read unit")}${perShard === "" ? "" : " each"}, strongly consistent; and the shards' progress, cached briefly`,
    ],
    ["structure", view.structure],
  ]);
  const features = table(
    ["feature", "aggregation", "window", "empty"],
    view.features.map((feature) => [
      feature.name,
      call(feature.aggregation, feature.value, feature.where),
      windowText(feature.window),
      JSON.stringify(feature.whenEmpty),
    ]),
  );
  const levels = table(
    ["tiles of", "span", "rows at most", "bytes a row"],
    item.levels.map(({ hopMs, spanMs, rows, rowBytes }) => [
      hopMs === null ? "lifetime" : formatDuration(hopMs),
      hopMs === null ? "-" : formatDuration(spanMs),
      String(rows),
      String(rowBytes),
    ]),
  );
  const sessions = table(
    ["sessions of", "at most", "kept at most", "bytes a session"],
    item.sessions.map(({ gapMs, maxMs, sessions: most, sessionBytes }) => [
      `gaps below ${formatDuration(gapMs)}`,
      formatDuration(maxMs),
      String(most),
      String(sessionBytes),
    ]),
  );
  const columns = table(
    ["column", "bytes each", "kept in"],
    view.columns.map((column) => [
      columnText(column),
      String(column.maxBytes),
      [
        ...column.hopsMs.map((hop) => (hop === null ? "lifetime" : formatDuration(hop))),
        ...(column.sessions.length === 0 ? [] : ["sessions"]),
      ].join(", "),
    ]),
  );
  const tables = [
    features,
    columns,
    ...(item.levels.length === 0 ? [] : [levels]),
    ...(item.sessions.length === 0 ? [] : [sessions]),
  ];
  return [summary, ...tables].join("\n\n");
}

/** What makes up the largest item: where the limit of the state ends it, what the state would be beside. */
function itemLines({ item, writers }: ViewDescription): readonly Line[] {
  const most = `${bytes(item.sparse.bytes)} at ${item.sparseEventsADay} events a day, at most ${bytes(item.bound.bytes)}${writers === "single" ? "" : ", for each shard"}`;
  const [key, header, position] = [
    `key ${bytes(item.keyBytes)}`,
    `header ${bytes(item.headerBytes)}`,
    `position ${bytes(item.positionBytes)}`,
  ];
  const rest = [
    `dedup ${bytes(item.dedupBytes)}`,
    `tiles ${bytes(sum(item.levels.map((level) => level.bytes)))}`,
    ...(item.sessions.length === 0
      ? []
      : [`sessions ${bytes(sum(item.sessions.map((each) => each.bytes)))}`]),
  ];
  if (item.imageBytes <= item.limitBytes)
    return [["item", `${most} (${[key, header, position, ...rest].join(", ")})`]];
  return [
    [
      "item",
      `${most} (${key}, ${position}, state ${bytes(item.limitBytes)}, past which a record is quarantined as item-full)`,
    ],
    [
      "",
      `without that limit, the state could grow to ${bytes(item.imageBytes)} (${[header, ...rest].join(", ")})`,
    ],
  ];
}

function serviceText(service: ServiceDescription): string {
  const views = Object.entries(service.views).map(([alias, { view, keys }]): Line => {
    const names = Object.entries(keys).map(([field, key]) => (field === key ? key : `${field} from ${key}`));
    return ["view", `${alias} = ${view}${names.length === 0 ? "" : ` by ${names.join(" + ")}`}`];
  });
  return block(`service ${service.name}@${service.version}`, [
    ...notes(service),
    ...views,
    ["request", service.request.length === 0 ? "nothing but keys" : service.request.join(", ")],
    ...service.vector.map((name, index): Line => {
      const whenNull = service.whenNull[name];
      return [`vector ${index}`, whenNull === undefined ? name : `${name}, ${whenNull} for null`];
    }),
  ]);
}

function modelText(model: ModelDescription): string {
  const policy = {
    serve: "serve the score all the same",
    reject: "answer 503",
    default: `answer ${model.defaultScore}`,
    fallback: `score ${model.fallback}`,
  }[model.onStale];
  return block(`model ${model.name}@${model.version}`, [
    ...notes(model),
    ["service", model.service],
    ["file", `${model.file}, output ${model.output}`],
    ["when stale", policy],
  ]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  return [header, ...rows]
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd())
    .join("\n");
}

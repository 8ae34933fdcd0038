import { describeFields, type SchemaField } from "../define/schema-field.ts";
import type { Feature, View } from "../define/types.ts";
import { isSingleWriter } from "../define/types.ts";
import type { Where } from "../define/where.ts";
import { isTiled, mostSessions, type Window, windowSpanMs } from "../define/window.ts";
import type { Aggregation, ColumnRequest } from "./aggregations/column-kind.ts";
import { keyedAggregation } from "./aggregations/keyed.ts";
import { aggregations } from "./aggregations/registry.ts";

/** A stored column: what feeds it, and the levels that hold it. */
export interface Column extends ColumnRequest {
  /** Columns of one number here take the same value of the same rows. */
  readonly feed: number;
  /** Indices into the plan's levels, finest first; an event enters at the first. Empty for sessions alone. */
  readonly levels: readonly number[];
}

/** One length of tile in use, and the ring of its rows. Lifetime state is a level of one row that never ends. */
export interface Level {
  /** Tile length; null for the lifetime level. */
  readonly hopMs: number | null;
  /** The longest span of a window served by this level; the ring also keeps the slack (R5). 0 for lifetime. */
  readonly spanMs: number;
  /** Columns whose partials a row of this level holds, in row order. */
  readonly columns: readonly number[];
}

/** The sessions of one gap and maximum, and what is kept of each. */
export interface SessionLevel {
  readonly gapMs: number;
  readonly maxMs: number;
  /** Columns whose partials a session holds, in row order. */
  readonly columns: readonly number[];
  /** The most sessions that an item keeps. */
  readonly most: number;
}

type SessionWindow = Extract<Window, { kind: "session" }>;

/** How a feature is read: its columns' merged partials go to the aggregation's result. */
export interface FeaturePlan {
  readonly feature: Feature;
  readonly aggregation: Aggregation;
  /** Indices into the plan's columns, as the aggregation asked for them. */
  readonly columns: readonly number[];
}

/** A view made ready to fold and read: its features laid out as columns in levels (docs/state-format.md). */
export interface ViewPlan {
  /** `name@version`, the view's name in keys, metrics and answers. */
  readonly id: string;
  readonly view: View;
  readonly singleWriter: boolean;
  readonly slackMs: number;
  /** An item expires this long after the later of its newest event and last arrival; null: never (lifetime). */
  readonly expiryMs: number | null;
  /**
   * How long the view warms (R7), after which no answer lacks an event from before it began, but for lifetimes: the
   * furthest that a window looks back, and how far ahead of its arrival an event may be dated.
   */
  readonly warmingMs: number;
  /** @hidden */
  readonly columns: readonly Column[];
  /**
   * Finest first; a lifetime level last. Each hop divides the next.
   * @hidden
   */
  readonly levels: readonly Level[];
  /**
   * By gap, then maximum.
   * @hidden
   */
  readonly sessions: readonly SessionLevel[];
  /** @hidden */
  readonly features: readonly FeaturePlan[];
}

/**
 * Lays a view's features out as columns in levels.
 * Columns of one kind, value and filter are shared; a column stands in the level of every hop that its windows have.
 *
 * @example
 * ```ts
 * const plan = planView(card);
 * plan.levels.map((level) => level.hopMs); // [10000, 300000, 3600000]
 * ```
 */
export function planView(view: View): ViewPlan {
  const hops = new Set<number>();
  let lifetime = false;
  for (const { window } of view.features) {
    if (window.kind === "lifetime") lifetime = true;
    else if (isTiled(window)) hops.add(window.hopMs);
  }
  const hopOfLevel: (number | null)[] = [...hops].sort((left, right) => left - right);
  if (lifetime) hopOfLevel.push(null);

  const requests: ColumnRequest[] = [];
  const levelsOfColumn: Set<number>[] = [];
  const indexOfColumn = new Map<string, number>();
  const identities = new FunctionIdentities();
  const fields = describeFields(view.source.schema);
  const spans = hopOfLevel.map(() => 0);
  const features = view.features.map((feature): FeaturePlan => {
    const { window } = feature;
    const level =
      window.kind === "session" ? null : hopOfLevel.indexOf(isTiled(window) ? window.hopMs : null);
    if (isTiled(window)) spans[level!] = Math.max(spans[level!]!, windowSpanMs(window));
    const { name, by } = feature.aggregation;
    const aggregation = by === undefined ? aggregations[name] : keyedAggregation(aggregations[name], by);
    const columns = aggregation.columns(feature.aggregation, window).map((asked) => {
      const request = withoutNeedlessValue(asked, fields);
      const key = identities.columnKey(request);
      let index = indexOfColumn.get(key);
      if (index === undefined) {
        index = requests.length;
        indexOfColumn.set(key, index);
        requests.push(request);
        levelsOfColumn.push(new Set());
      }
      if (level !== null) levelsOfColumn[index]!.add(level);
      return index;
    });
    return { feature, aggregation, columns };
  });

  const feeds: string[] = [];
  const feedNumber = (key: string) => (feeds.includes(key) ? feeds.indexOf(key) : feeds.push(key) - 1);
  const columns = requests.map(
    (request, index): Column => ({
      ...request,
      feed: feedNumber(identities.feedKey(request)),
      levels: [...levelsOfColumn[index]!].sort((left, right) => left - right),
    }),
  );
  const { source } = view;
  const slackMs = source.maxFutureSkewMs + view.allowedLatenessMs + source.clockSkewMs;
  const sessions = sessionLevels(features, slackMs);
  const dedupHorizonMs = source.eventId === null ? 0 : view.dedup.horizonMs;
  // A window's tail moves by whole hops (R4), so it reaches back up to a hop further than its span.
  const reaches = spans.map((spanMs, level) => spanMs + (hopOfLevel[level] ?? 0));
  const longestReachMs = Math.max(0, ...reaches, ...sessions.map(({ gapMs }) => gapMs));
  const longestLookBackMs = Math.max(0, ...view.features.map(({ window }) => lookBackMs(window)));
  return {
    id: `${view.name}@${view.version}`,
    view,
    singleWriter: isSingleWriter(view),
    slackMs,
    expiryMs: lifetime ? null : Math.max(longestReachMs + slackMs, dedupHorizonMs),
    warmingMs: longestLookBackMs === 0 ? 0 : longestLookBackMs + source.maxFutureSkewMs,
    columns,
    levels: hopOfLevel.map((hopMs, level) => ({
      hopMs,
      spanMs: spans[level]!,
      columns: columns.flatMap((column, index) => (column.levels.includes(level) ? [index] : [])),
    })),
    sessions,
    features,
  };
}

/** How far before its as-of time a window may cover events; lifetimes begin with the view. */
function lookBackMs(window: Window): number {
  switch (window.kind) {
    case "sliding":
      return window.widthMs + window.hopMs;
    case "tumbling":
    case "hopping":
      return windowSpanMs(window);
    case "session":
      return window.maxMs + window.gapMs;
    case "lifetime":
      return 0;
  }
}

function sessionLevels(features: readonly FeaturePlan[], slackMs: number): readonly SessionLevel[] {
  const columnsOf = new Map<string, { readonly window: SessionWindow; readonly columns: Set<number> }>();
  for (const { feature, columns } of features) {
    const { window } = feature;
    if (window.kind !== "session") continue;
    const key = `${window.gapMs}/${window.maxMs}`;
    const known = columnsOf.get(key);
    if (known === undefined) columnsOf.set(key, { window, columns: new Set(columns) });
    else for (const column of columns) known.columns.add(column);
  }
  return [...columnsOf.values()]
    .map(({ window: { gapMs, maxMs }, columns }) => ({
      gapMs,
      maxMs,
      columns: [...columns].sort((left, right) => left - right),
      most: mostSessions(gapMs, slackMs),
    }))
    .sort((left, right) => left.gapMs - right.gapMs || left.maxMs - right.maxMs);
}

/** A count of values is a count of events where no event lacks one: then the two share a column. */
function withoutNeedlessValue(
  request: ColumnRequest,
  fields: ReadonlyMap<string, SchemaField>,
): ColumnRequest {
  const { kind, value } = request;
  if (kind.whenNeverNull === undefined || value?.kind !== "field") return request;
  const field = fields.get(value.field);
  const accepted = kind.accepts === "number" ? ["number"] : ["number", "string", "boolean"];
  const always =
    field !== undefined && !field.nullable && [...field.types].every((type) => accepted.includes(type));
  return always ? { ...request, kind: kind.whenNeverNull, value: null } : request;
}

/** Tells functions apart by reference: equal source text may close over different values. */
class FunctionIdentities {
  private readonly numbers = new Map<unknown, number>();

  columnKey(request: ColumnRequest): string {
    return `${request.kind.id} ${this.feedKey(request)}`;
  }

  /** What values it takes, in which form, of which rows. */
  feedKey({ kind, value, where, by }: ColumnRequest): string {
    return JSON.stringify([
      kind.digest === undefined ? kind.accepts : kind.id,
      value === null ? null : value.kind === "field" ? ["field", value.field] : this.number(value.apply),
      where === null ? null : this.whereKey(where),
      by ?? null,
    ]);
  }

  private whereKey(where: Where): unknown {
    if (where.kind === "function") return this.number(where.test);
    return Object.entries(where.conditions).sort(([left], [right]) => (left < right ? -1 : 1));
  }

  private number(reference: unknown): number {
    const known = this.numbers.get(reference);
    if (known !== undefined) return known;
    const next = this.numbers.size;
    this.numbers.set(reference, next);
    return next;
  }
}

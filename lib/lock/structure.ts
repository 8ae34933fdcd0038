import { createHash } from "node:crypto";
import type { z } from "zod";
import type { ValueExpression } from "../define/aggregation-call.ts";
import { describeFields } from "../define/schema-field.ts";
import type { Where } from "../define/where.ts";
import type { ViewPlan } from "../engine/plan.ts";
import { functionShape } from "./function-shape.ts";
import { overwritesOf, schemaStructure } from "./schema-structure.ts";

/**
 * A hash of all that decides which bytes a sequence of records leaves in a view's items (R13): 32 hex digits.
 * Features that only read what is there, the SLA, owner and description are not part of it, nor is what the source's
 * schema merely refuses; what the schema makes of a record's values is. Functions are taken by what their text says.
 */
export function structureHash(plan: ViewPlan): string {
  return createHash("sha256")
    .update(JSON.stringify(canonical(structureOf(plan))))
    .digest("hex")
    .slice(0, 32);
}

/**
 * What {@link structureHash} is of, by name, each part as canonical text: two views whose parts are equal leave the
 * same bytes.
 */
export function structureParts(plan: ViewPlan): Readonly<Record<string, string>> {
  const parts = canonical(structureOf(plan)) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]));
}

function structureOf(plan: ViewPlan): unknown {
  const { view } = plan;
  const { source } = view;
  const fields = describeFields(source.schema);
  return {
    source: source.name,
    partitionKey: source.partitionKey,
    eventTime: source.eventTime,
    eventId: source.eventId,
    arrivalTime: source.arrivalTime,
    maxFutureSkewMs: source.maxFutureSkewMs,
    clockSkewMs: source.clockSkewMs,
    // A key's type is part of its bytes.
    entity: view.entity.map((field) => [field, [...(fields.get(field)?.types ?? [])].sort()]),
    schema: schemaOf(plan),
    where: whereOf(view.where),
    allowedLatenessMs: view.allowedLatenessMs,
    dedup: source.eventId === null ? null : view.dedup,
    columns: plan.columns.map(({ kind, value, where, by, levels }) => ({
      kind: kind.id,
      value: valueExpressionOf(value),
      where: whereOf(where),
      ...(by === undefined ? {} : { by }),
      levels,
    })),
    levels: plan.levels.map(({ hopMs, spanMs, columns }) => ({ hopMs, spanMs, columns })),
    ...(plan.sessions.length === 0
      ? {}
      : { sessions: plan.sessions.map(({ gapMs, maxMs, columns }) => ({ gapMs, maxMs, columns })) }),
    expiryMs: plan.expiryMs,
  };
}

/** How records become rows, of the fields that the view uses; of all fields where a function may use any. */
function schemaOf({ view, columns }: ViewPlan): unknown {
  const { schema, eventTime, arrivalTime, eventId } = view.source;
  const filters = [view.where, ...columns.map(({ where }) => where)].filter((where) => where !== null);
  const values = columns.map(({ value }) => value).filter((value) => value !== null);
  if ([...filters, ...values].some(({ kind }) => kind === "function")) return schemaStructure(schema);
  const used = new Set([...view.entity, eventTime, arrivalTime, eventId]);
  for (const where of filters)
    if (where.kind === "match") for (const field in where.conditions) used.add(field);
  for (const value of values) if (value.kind === "field") used.add(value.field);
  for (const { by } of columns) if (by !== undefined) used.add(by);
  const fields = [...used].flatMap((name) => {
    const field = name === null ? undefined : schema.shape[name];
    return field === undefined ? [] : [[name, schemaStructure(field as z.ZodType)]];
  });
  return { shape: Object.fromEntries(fields), overwrites: overwritesOf(schema) };
}

function valueExpressionOf(value: ValueExpression | null): unknown {
  if (value === null || value.kind === "field") return value;
  return { kind: "function", source: functionShape(value.apply) };
}

function whereOf(where: Where | null): unknown {
  if (where === null || where.kind === "match") return where;
  return { kind: "function", source: functionShape(where.test) };
}

/** The value with the properties of every object in the order of their names. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, each]) => [name, canonical(each)]),
  );
}

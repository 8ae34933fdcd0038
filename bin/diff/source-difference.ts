import { z } from "zod";
import type { Source } from "../../lib/define/types.ts";
import { schemaStructure } from "../../lib/lock/schema-structure.ts";
import { describeSource } from "../describe/description.ts";
import { type Difference, pairUp, settingChanges } from "./difference.ts";

/** A field of a source's schema that differs. */
export interface FieldChange {
  readonly field: string;
  readonly change: "added" | "removed" | "other values are made of it" | "other values are accepted";
  /** Of a field that is there: whether a record may lack it. */
  readonly optional: boolean | null;
}

export interface SourceDifference extends Difference {
  readonly fields: readonly FieldChange[];
}

const SETTINGS = [
  "partitionKey",
  "eventTime",
  "eventId",
  "arrivalTime",
  "maxFutureSkewMs",
  "clockSkewMs",
  "retentionMs",
  "owner",
  "description",
] as const;

/** What a change of definitions means for each source. Whether it changes a view's state is told of the view. */
export function sourceDifferences(
  from: readonly Source[],
  to: readonly Source[],
): readonly SourceDifference[] {
  return pairUp(from, to, ({ name }) => name).map(({ from, to }) => sourceDifference(from, to));
}

function sourceDifference(from: Source | undefined, to: Source | undefined): SourceDifference {
  const { name } = (to ?? from)!;
  const none = { name, settings: [], fields: [], care: [], notes: [] };
  if (from === undefined) return { ...none, verdict: "added" };
  if (to === undefined) return { ...none, verdict: "removed" };
  const settings = settingChanges(describeSource(from), describeSource(to), SETTINGS);
  const fields = fieldChanges(from, to);
  const care = fields
    .filter(({ change, optional }) => change === "added" && optional === false)
    .map(
      ({ field }) =>
        `Records without ${field} are quarantined: have producers send it first, or let the schema do without.`,
    );
  if (settings.some((setting) => setting.name === "partitionKey"))
    care.push(
      "Records put under the old partition key are quarantined: change producers at the same moment.",
    );
  const notes = fields
    .filter(({ change }) => change === "other values are accepted")
    .map(({ field }) => `Records whose ${field} no longer fits are quarantined; state is not touched.`);
  const verdict = settings.length + fields.length === 0 ? "same" : "changed";
  return { name, verdict, settings, fields, care, notes };
}

function fieldChanges(from: Source, to: Source): readonly FieldChange[] {
  const before: Readonly<Record<string, z.ZodType>> = from.schema.shape;
  const after: Readonly<Record<string, z.ZodType>> = to.schema.shape;
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((field): FieldChange[] => {
    const [old, now] = [before[field], after[field]];
    if (now === undefined) return [{ field, change: "removed", optional: null }];
    const optional = now._zod.optin !== undefined;
    if (old === undefined) return [{ field, change: "added", optional }];
    if (JSON.stringify(schemaStructure(old)) !== JSON.stringify(schemaStructure(now)))
      return [{ field, change: "other values are made of it", optional }];
    return acceptedBy(old) === acceptedBy(now)
      ? []
      : [{ field, change: "other values are accepted", optional }];
  });
}

/** What a schema accepts, as far as JSON schema can say it: a refinement is not seen. */
function acceptedBy(schema: z.ZodType): string {
  return JSON.stringify(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
}

import { FreshetError } from "../../define/error.ts";
import { describeFields } from "../../define/schema-field.ts";
import type { Source } from "../../define/types.ts";

/** A field of a source as the history keeps it, under a name and a type that Glue and Parquet take. */
export interface HistoryColumn {
  /** As the schema names it. */
  readonly field: string;
  /** Lower case, with `_` for what is neither a letter nor a digit. */
  readonly name: string;
  /** Numbers are doubles, as in JSON; what is not of one scalar type is JSON text. */
  readonly type: "string" | "double" | "boolean";
}

const TYPES = { string: "string", number: "double", boolean: "boolean" } as const;

/**
 * The columns of a source's events, in the order of its schema.
 *
 * @throws FreshetError `DEFINITION_INVALID` when two fields have one name there.
 * @example
 * ```ts
 * historyColumns(payments); // [{ field: "cardId", name: "cardid", type: "string" }, ...]
 * ```
 */
export function historyColumns(source: Source): readonly HistoryColumn[] {
  const fields = new Map<string, string>();
  const columns: HistoryColumn[] = [];
  for (const [field, { types }] of describeFields(source.schema)) {
    const name = field.toLowerCase().replace(/[^a-z0-9_]/g, "_");
    const other = fields.get(name);
    if (other !== undefined) {
      throw new FreshetError(
        "DEFINITION_INVALID",
        `source "${source.name}": its fields "${other}" and "${field}" are one column "${name}" of the history, whose names have no case; rename one, or keep the history as JSON (history: { format: "json" }).`,
      );
    }
    fields.set(name, field);
    const [only, ...rest] = types;
    const isScalar = only === "string" || only === "number" || only === "boolean";
    columns.push({ field, name, type: isScalar && rest.length === 0 ? TYPES[only] : "string" });
  }
  return columns;
}

/** A row's value as its column holds it; null for one that the column cannot. */
export function columnValue({ field, type }: HistoryColumn, row: Readonly<Record<string, unknown>>): unknown {
  const value = row[field];
  if (value === undefined || value === null) return null;
  if (type === "double") return typeof value === "number" && Number.isFinite(value) ? value : null;
  if (type === "boolean") return typeof value === "boolean" ? value : null;
  return typeof value === "string" ? value : jsonText(value);
}

/** JSON text of what a transform may have made; null of what has none. */
function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}

import type { z } from "zod";

/** What a schema says about one field, as far as definitions need to know. */
export interface SchemaField {
  /** The types of JSON value that the parsed field may have. `unknown` stands for a transform, whose result cannot be told. */
  readonly types: ReadonlySet<"string" | "number" | "boolean" | "unknown" | "other">;
  /** True when the parsed field may be null or missing. */
  readonly nullable: boolean;
  /** True for text that is an ISO 8601 date and time with `Z` or an offset. */
  readonly isDateTime: boolean;
  /** The values of an enum or of literals, in the schema's order; null where any value may come. */
  readonly values: readonly (string | number | boolean)[] | null;
  /** The schemas one of which each value fits, null and missing apart; null where others get in, as a default may. */
  readonly leaves: readonly z.ZodType[] | null;
}

// The parts of zod's definitions that are read here. Read structurally, since a definition may come from another copy of zod.
interface SchemaDefinition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly out?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly format?: string;
  readonly local?: boolean;
  readonly checks?: readonly { readonly _zod: { readonly def: { format?: string; local?: boolean } } }[];
}

const ABSENT: SchemaField = { types: new Set(), nullable: true, isDateTime: false, values: null, leaves: [] };

function field(
  type: "string" | "number" | "boolean" | "unknown" | "other",
  rest: Partial<SchemaField> = {},
): SchemaField {
  return { types: new Set([type]), nullable: false, isDateTime: false, values: null, leaves: null, ...rest };
}

function ofValues(schema: z.ZodType, values: readonly unknown[]): SchemaField {
  const scalars: (string | number | boolean)[] = [];
  const types = new Set<"string" | "number" | "boolean" | "other">();
  let nullable = false;
  for (const value of values) {
    if (value === null || value === undefined) nullable = true;
    else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      scalars.push(value);
      types.add(typeof value as "string" | "number" | "boolean");
    } else types.add("other");
  }
  return {
    types,
    nullable,
    isDateTime: false,
    values: types.has("other") ? null : scalars,
    leaves: [schema],
  };
}

function union(parts: readonly SchemaField[]): SchemaField {
  const values = parts.flatMap((part) => part.values ?? []);
  return {
    types: new Set(parts.flatMap((part) => [...part.types])),
    nullable: parts.some((part) => part.nullable),
    isDateTime: parts.every((part) => part.isDateTime || part.types.size === 0),
    values: parts.every((part) => part.values !== null || part.types.size === 0)
      ? [...new Set(values)]
      : null,
    leaves: parts.every((part) => part.leaves !== null) ? parts.flatMap((part) => part.leaves!) : null,
  };
}

/** Reads what a field's schema says of its parsed value. */
export function describeField(schema: z.ZodType): SchemaField {
  const definition = schema._zod.def as unknown as SchemaDefinition;
  switch (definition.type) {
    case "string": {
      const formats = [definition, ...(definition.checks ?? []).map((check) => check._zod.def)];
      return field("string", {
        isDateTime: formats.some((each) => each.format === "datetime" && each.local !== true),
        leaves: [schema],
      });
    }
    case "number":
    case "int":
      return field("number", { leaves: [schema] });
    case "boolean":
      return field("boolean", { leaves: [schema] });
    case "template_literal":
      return field("string", { leaves: [schema] });
    case "enum":
      // A numeric TypeScript enum also maps its numbers back to names; zod's own list has the values alone.
      return ofValues(schema, [...((schema as unknown as { options?: readonly unknown[] }).options ?? [])]);
    case "literal":
      return ofValues(schema, definition.values ?? []);
    case "null":
    case "undefined":
    case "void":
      return ABSENT;
    case "optional":
    case "nullable":
      return { ...describeField(definition.innerType!), nullable: true };
    case "default":
    case "prefault":
    case "catch": {
      // A default stands in for a missing value only, so a null that the inner schema allows remains.
      const inner = definition.innerType!;
      const type = (inner._zod.def as unknown as SchemaDefinition).type;
      const described = describeField(
        type === "optional" ? (inner._zod.def as unknown as SchemaDefinition).innerType! : inner,
      );
      // The default itself need not fit.
      return { ...described, leaves: null };
    }
    case "nonoptional": {
      const inner = definition.innerType!;
      const innerDefinition = inner._zod.def as unknown as SchemaDefinition;
      return innerDefinition.type === "optional"
        ? describeField(innerDefinition.innerType!)
        : describeField(inner);
    }
    case "readonly":
      return describeField(definition.innerType!);
    case "pipe":
      return describeField(definition.out!);
    case "lazy":
      return describeField(definition.getter!());
    case "union":
      return union(definition.options!.map(describeField));
    case "transform":
    case "custom":
    case "any":
    case "unknown":
      return field("unknown", { nullable: true });
    default:
      return field("other");
  }
}

/** The fields of an object schema by name. */
export function describeFields(schema: z.ZodObject): ReadonlyMap<string, SchemaField> {
  return new Map(
    Object.entries(schema.shape).map(([name, each]) => [name, describeField(each as z.ZodType)]),
  );
}

/** True for what `z.object` makes, of whichever copy of zod. */
export function isObjectSchema(value: unknown): value is z.ZodObject {
  return (value as { _zod?: { def?: { type?: unknown } } } | null | undefined)?._zod?.def?.type === "object";
}

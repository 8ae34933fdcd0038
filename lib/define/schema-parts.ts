import type { z } from "zod";

/** Where a zod definition names the schemas that it is made of: one, a list, or an object of them. */
export const SCHEMA_PARTS = [
  "innerType",
  "in",
  "out",
  "element",
  "items",
  "rest",
  "shape",
  "catchall",
  "keyType",
  "valueType",
  "options",
  "left",
  "right",
] as const;

/** Told by its structure, since a definition may come from another copy of zod. */
export function isSchema(value: unknown): value is z.ZodType {
  return typeof value === "object" && value !== null && "_zod" in value;
}

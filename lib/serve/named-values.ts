import { z } from "@hono/zod-openapi";

/** A JSON object of fields that are checked later, every one of them kept: a Zod record drops `__proto__` unseen. */
export const namedValues = z.unknown().superRefine((value, context) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  context.addIssue({ code: "invalid_type", expected: "record", input: value });
}) as unknown as z.ZodType<Record<string, unknown>>;

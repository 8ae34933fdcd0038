import type { z } from "zod";
import { isObjectSchema } from "../define/schema-field.ts";

/** Tells, of a field that an object does not have, those that it has; leaves every other complaint to zod. */
export const tellKnownFields: z.core.$ZodErrorMap = ({ code, inst }) => {
  if (code !== "unrecognized_keys" || !isObjectSchema(inst)) return undefined;
  const names = Object.keys(inst.shape);
  if (names.length === 0) return "no such field; there is none.";
  if (names.length === 1) return `no such field; the only field is ${names[0]}.`;
  return `no such field; the fields are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}.`;
};

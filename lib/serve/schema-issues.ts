import type { z } from "zod";
import { pointerTo, type RequestIssue } from "./problems.ts";

/** A schema's complaints as issues with pointers into the body; `input` tells a missing field from a wrong one. */
export function schemaIssues(
  error: z.ZodError,
  input: unknown,
  base: readonly PropertyKey[] = [],
): readonly RequestIssue[] {
  return error.issues.flatMap((issue): readonly RequestIssue[] => {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        pointer: pointerTo([...path, key]),
        issue: "unknown-field",
        detail: issue.message,
      }));
    }
    const missing = issue.path.length > 0 && valueAt(input, issue.path) === undefined;
    const kind = missing ? "missing" : issue.code === "invalid_type" ? "wrong-type" : "invalid-value";
    return [
      { pointer: pointerTo(path), issue: kind, detail: missing ? "the field is missing." : issue.message },
    ];
  });
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    input,
  );
}

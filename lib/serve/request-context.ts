import type { ServedService } from "./catalog.ts";
import { pointerTo, type RequestIssue } from "./problems.ts";
import { schemaIssues } from "./schema-issues.ts";
import { tellKnownFields } from "./unknown-field.ts";

/** A request's context checked by its service's schema, or what is wrong. */
export type CheckedContext =
  | { readonly context: Readonly<Record<string, unknown>>; readonly issues: readonly [] }
  | { readonly context: null; readonly issues: readonly RequestIssue[] };

/** Checks a request's context against a service's `request` schema, unknown fields refused. */
export function checkContext(
  { service }: ServedService,
  given: Readonly<Record<string, unknown>> | undefined,
): CheckedContext {
  if (service.request === null) {
    const names = Object.keys(given ?? {});
    if (names.length === 0) return { context: {}, issues: [] };
    const detail = `service ${service.name}@${service.version} takes no context.`;
    return {
      context: null,
      issues: names.map((name) => ({
        pointer: pointerTo(["context", name]),
        issue: "unknown-field",
        detail,
      })),
    };
  }
  const parsed = service.request.strict().safeParse(given ?? {}, { error: tellKnownFields });
  if (parsed.success) return { context: parsed.data, issues: [] };
  return { context: null, issues: schemaIssues(parsed.error, given ?? {}, ["context"]) };
}

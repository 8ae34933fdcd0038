import type { z } from "zod";
import type { Scalar } from "../define/where.ts";
import type { ServedView } from "./catalog.ts";
import { pointerTo, type RequestIssue } from "./problems.ts";

/** A request's keys checked: the key of each view, in the order given, or what is wrong. */
export type CheckedKeys =
  | { readonly keys: readonly (readonly Scalar[])[]; readonly issues: readonly [] }
  | { readonly keys: null; readonly issues: readonly RequestIssue[] };

/**
 * Checks a request's keys against the schema of each view's source and puts them in the order of each view's entity.
 * A name that no view needs is refused.
 */
export function checkKeys(
  views: readonly ServedView[],
  given: Readonly<Record<string, unknown>>,
): CheckedKeys {
  const allowed = new Set(views.flatMap((view) => view.keyNames));
  const issues = new Map<string, RequestIssue>();
  for (const name of Object.keys(given)) {
    if (!allowed.has(name))
      issues.set(name, issueOf(name, "unknown-field", `no such key; ${listed(allowed)}.`));
  }
  const keys = views.map((view) =>
    view.keyNames.map((name, index) => {
      const checked = checkKey(view, index, name, given);
      if (typeof checked === "object") {
        if (!issues.has(name)) issues.set(name, checked);
        return "";
      }
      return checked;
    }),
  );
  return issues.size === 0 ? { keys, issues: [] } : { keys: null, issues: [...issues.values()] };
}

function checkKey(
  { plan }: ServedView,
  index: number,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Scalar | RequestIssue {
  const field = plan.view.entity[index]!;
  if (!Object.hasOwn(given, name)) {
    return issueOf(
      name,
      "missing",
      `the key is missing; it is ${plan.view.source.name}.${field} of view ${plan.id}.`,
    );
  }
  const schema = plan.view.source.schema.shape[field] as z.ZodType;
  const parsed = schema.safeParse(given[name]);
  if (!parsed.success) {
    const kind = parsed.error.issues[0]!.code === "invalid_type" ? "wrong-type" : "invalid-value";
    return issueOf(name, kind, parsed.error.issues.map((issue) => issue.message).join("; "));
  }
  const value: unknown = parsed.data;
  if (
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value))
  ) {
    return value;
  }
  return issueOf(name, "wrong-type", "a key is text, a finite number or a boolean.");
}

function issueOf(name: string, issue: RequestIssue["issue"], detail: string): RequestIssue {
  return { pointer: pointerTo(["keys", name]), issue, detail };
}

function listed(names: ReadonlySet<string>): string {
  return names.size === 0 ? "none is needed" : `the keys are ${[...names].join(", ")}`;
}

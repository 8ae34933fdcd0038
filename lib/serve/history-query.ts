import { z } from "@hono/zod-openapi";
import { describeField } from "../define/schema-field.ts";
import type { Scalar } from "../define/where.ts";
import type { HistoryRange } from "../online/reader.ts";
import type { ServedView } from "./catalog.ts";
import { invalidRequest, type RequestIssue } from "./problems.ts";
import { checkKeys } from "./request-keys.ts";

/** What stands before a key's field in the query: a field may well be called `from`. */
const KEY_PREFIX = "key.";

const time = z.iso.datetime({ offset: true });

/** What a history is asked for. */
export interface HistoryQuery {
  readonly key: readonly Scalar[];
  readonly range: HistoryRange;
}

/** The query's parameters for the reference: the keys of all views, and what narrows an answer. */
export function historyParameters(views: readonly ServedView[]) {
  const keys = [...new Set(views.flatMap(({ keyNames }) => keyNames))];
  return z.object({
    ...Object.fromEntries(
      keys.map((name) => [
        `${KEY_PREFIX}${name}`,
        z
          .string()
          .optional()
          .openapi({ description: `The entity's ${name}.` }),
      ]),
    ),
    feature: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .openapi({ description: "A feature's name; may come several times. All where there is none." }),
    from: z.string().optional().openapi({
      description: "Tiles that end after it: ISO 8601 with Z or an offset, or epoch milliseconds.",
    }),
    to: z.string().optional().openapi({ description: "Tiles that start before it." }),
  });
}

/**
 * Reads a history's query.
 *
 * @param query - every value of every parameter, by name.
 * @throws ProblemError `invalid-request` naming every parameter that is wrong.
 */
export function historyQuery(
  view: ServedView,
  query: Readonly<Record<string, readonly string[]>>,
): HistoryQuery {
  const issues: RequestIssue[] = [];
  const refuse = (name: string, issue: RequestIssue["issue"], detail: string) =>
    void issues.push({ pointer: `?${name}`, issue, detail });
  const { plan } = view;
  const given: [string, unknown][] = [];
  for (const [name, values] of Object.entries(query)) {
    if (name === "feature") continue;
    if (values.length > 1) refuse(name, "invalid-value", "it comes more than once.");
    if (name.startsWith(KEY_PREFIX)) {
      const field = name.slice(KEY_PREFIX.length);
      given.push([field, keyValue(view, field, values[0]!)]);
    } else if (name !== "from" && name !== "to") {
      refuse(name, "unknown-field", "no such parameter; there are key.FIELD, feature, from and to.");
    }
  }
  const { keys, issues: keyIssues } = checkKeys([view], Object.fromEntries(given));
  for (const issue of keyIssues) {
    issues.push({ ...issue, pointer: issue.pointer.replace("#/keys/", `?${KEY_PREFIX}`) });
  }
  const known = plan.features.map(({ feature }) => feature.name);
  for (const name of query.feature ?? []) {
    if (!known.includes(name)) {
      refuse("feature", "invalid-value", `view ${plan.id} has no ${name}; it has ${known.join(", ")}.`);
    }
  }
  const fromMs = timeOf(query.from?.[0]);
  const toMs = timeOf(query.to?.[0]);
  for (const [name, ms] of Object.entries({ from: fromMs, to: toMs })) {
    if (!Number.isNaN(ms)) continue;
    const given = JSON.stringify(query[name]?.[0]);
    refuse(
      name,
      "invalid-value",
      `${given} is no time; write ISO 8601 with Z or an offset, or epoch milliseconds.`,
    );
  }
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    refuse("from", "invalid-value", `${query.from?.[0]} is not before to, ${query.to?.[0]}.`);
  }
  if (keys === null || issues.length > 0) throw invalidRequest(issues);
  return {
    key: keys[0]!,
    range: {
      ...(query.feature === undefined ? {} : { features: query.feature }),
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
    },
  };
}

/** A key's text as the type that its field holds; text where it may be text. */
function keyValue({ plan, keyNames }: ServedView, name: string, text: string): unknown {
  const field = plan.view.entity[keyNames.indexOf(name)];
  if (field === undefined) return text;
  const { types } = describeField(plan.view.source.schema.shape[field] as z.ZodType);
  if (types.has("string")) return text;
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return types.has("number") && /^-?\d/.test(text) ? Number(text) : text;
}

/** Epoch milliseconds; NaN for what is no time. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^-?\d{1,16}$/.test(text)) return Number(text);
  return time.safeParse(text).success ? Date.parse(text) : Number.NaN;
}

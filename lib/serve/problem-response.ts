import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ServeVariables } from "./context.ts";
import { PROBLEMS, type ProblemError, type ProblemType } from "./problems.ts";

const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** The body of every error. */
export const problemDocument = z
  .strictObject({
    type: z.string().openapi({ example: "/problems/unknown-model" }),
    title: z.string(),
    code: z.string().openapi({ description: "Freshet's error code.", example: "REQUEST_INVALID" }),
    status: z.int(),
    detail: z.string(),
    instance: z.string().openapi({ description: "urn:freshet:request: and the request's id." }),
    requestId: z.string(),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().openapi({
            description: "JSON Pointer into the body, or ? and the name of a query parameter.",
            example: "#/keys/origin",
          }),
          issue: z.enum(["missing", "unknown-field", "wrong-type", "invalid-value"]),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .openapi("Problem");

export type ProblemDocument = z.infer<typeof problemDocument>;

/** What a problem says of itself, wherever it stands. */
export function problemDocumentOf(problem: ProblemError, requestId: string): ProblemDocument {
  const { status, title, code } = PROBLEMS[problem.type];
  return {
    type: `/problems/${problem.type}`,
    title,
    code,
    status,
    detail: problem.message,
    instance: `urn:freshet:request:${requestId}`,
    requestId,
    ...(problem.issues.length > 0 ? { errors: [...problem.issues] } : {}),
  };
}

/** The response that a problem is: RFC 9457, with the request's id. */
export function problemResponse(context: Context<ServeVariables>, problem: ProblemError): Response {
  const document = problemDocumentOf(problem, context.get("requestId"));
  return context.body(JSON.stringify(document), document.status as ContentfulStatusCode, {
    ...problem.headers,
    "Content-Type": PROBLEM_MEDIA_TYPE,
  });
}

/** What every route that asks the store may answer. */
export const STORE_PROBLEMS = [
  "overloaded",
  "internal",
  "store-unavailable",
  "time-limit-exceeded",
  "shutting-down",
] as const satisfies readonly ProblemType[];

/** What a route may answer that reads entities' state. */
export const STATE_PROBLEMS = [
  ...STORE_PROBLEMS,
  "state-unreadable",
  "as-of-too-old",
] as const satisfies readonly ProblemType[];

/** What a route may answer that takes one entity or many as JSON. */
export const BODY_PROBLEMS = [
  "invalid-json",
  "invalid-request",
  "body-too-large",
  "too-many-entities",
  "unsupported-media-type",
] as const satisfies readonly ProblemType[];

/** The OpenAPI responses of a route that can answer these problems. */
export function problemResponses(types: readonly ProblemType[]) {
  const byStatus = new Map<number, string[]>();
  for (const type of types) {
    const { status } = PROBLEMS[type];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `/problems/${type}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, uris]) => [
      status,
      { description: uris.join(", "), content: { [PROBLEM_MEDIA_TYPE]: { schema: problemDocument } } },
    ]),
  );
}

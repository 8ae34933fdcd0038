import { z } from "@hono/zod-openapi";
import type { FreshetError } from "../define/error.ts";
import { errorToProblem } from "./error-to-problem.ts";
import type { ServeLimits } from "./limits/limits.ts";
import { namedValues } from "./named-values.ts";
import { invalidRequest, ProblemError, pointerTo } from "./problems.ts";
import { tellKnownFields } from "./unknown-field.ts";

const OBJECT = { type: "object", additionalProperties: {} } as const;
const UNKNOWN = { error: tellKnownFields };
const keys = namedValues.openapi({ ...OBJECT, description: "The entity keys, by name." });

/** The part of a body that names one entity, or many. */
export const rowFields = {
  keys: keys.optional(),
  entities: z
    .array(z.strictObject({ keys }, UNKNOWN))
    .optional()
    .openapi({ description: "Instead of keys: many entities, answered in their order." }),
} as const;

/** As {@link rowFields}, with a request's context for each entity. */
export const rowFieldsWithContext = {
  keys: keys.optional(),
  context: namedValues
    .optional()
    .openapi({ ...OBJECT, description: "The request's context, as the model's service declares it." }),
  entities: z
    .array(z.strictObject({ keys, context: namedValues.optional().openapi(OBJECT) }, UNKNOWN))
    .optional()
    .openapi({ description: "Instead of keys and context: many entities, answered in their order." }),
} as const;

/** One entity of a request. */
export interface RequestRow {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** The entities of a body: one, to be answered by itself, or the rows of a batch. */
export type RequestRows =
  | { readonly kind: "one"; readonly row: RequestRow }
  | { readonly kind: "batch"; readonly rows: readonly RequestRow[] };

/**
 * The entities that a body names.
 *
 * @throws ProblemError `invalid-request` for both forms or neither, `too-many-entities`.
 */
export function requestRows(
  body: {
    readonly keys?: Readonly<Record<string, unknown>> | undefined;
    readonly context?: Readonly<Record<string, unknown>> | undefined;
    readonly entities?: readonly RequestRow[] | undefined;
  },
  limits: Pick<ServeLimits, "entities">,
): RequestRows {
  const { keys, context, entities } = body;
  if (entities === undefined) {
    if (keys !== undefined) return { kind: "one", row: { keys, context } };
    throw invalidRequest([
      {
        pointer: "#/keys",
        issue: "missing",
        detail: "name one entity by keys (`{}` where the view has no entity), or many by entities.",
      },
    ]);
  }
  const extra = keys !== undefined ? "keys" : context !== undefined ? "context" : null;
  if (extra !== null) {
    const detail = "entities have keys and context of their own; leave it out, or leave out entities.";
    throw invalidRequest([{ pointer: pointerTo([extra]), issue: "unknown-field", detail }]);
  }
  if (entities.length === 0) {
    throw invalidRequest([{ pointer: "#/entities", issue: "invalid-value", detail: "no entity is named." }]);
  }
  if (entities.length > limits.entities) {
    throw new ProblemError(
      "too-many-entities",
      `The request names ${entities.length} entities; at most ${limits.entities} may be named.`,
    );
  }
  return { kind: "batch", rows: entities };
}

/** What is wrong with one row, its pointers from the top of the body. */
export function problemOfRow(error: ProblemError | FreshetError, index: number): ProblemError {
  const problem = errorToProblem(error);
  if (problem.issues.length === 0) return problem;
  return invalidRequest(
    problem.issues.map((issue) => ({
      ...issue,
      pointer: `${pointerTo(["entities", index])}${issue.pointer.slice(1)}`,
    })),
  );
}

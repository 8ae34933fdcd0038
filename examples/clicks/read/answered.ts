import { ApiError } from "../../../lib/client/index.ts";

/**
 * The answers of a call for many.
 *
 * @throws ApiError the first that there is in place of an answer.
 */
export function answered<Answer>(results: readonly (Answer | ApiError)[]): readonly Answer[] {
  for (const result of results) if (result instanceof ApiError) throw result;
  return results as readonly Answer[];
}

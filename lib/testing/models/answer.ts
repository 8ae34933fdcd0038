/** What a modelled server says to one command: the SDK's output, or the SDK's exception. */
export type Answer<Output extends object = object> =
  | { readonly ok: true; readonly output: Output }
  | { readonly ok: false; readonly error: Error };

/** Anything with an input: the SDK's commands. */
export interface Command {
  readonly input: object;
}

/** What the SDK puts beside every answer. One attempt: retries are the client's, and a model has none. */
export const answerMetadata = (httpStatusCode: number) => ({
  httpStatusCode,
  requestId: "model",
  attempts: 1,
  totalRetryDelay: 0,
});

/** Carried out as a promise, at once. */
export async function settle<Output extends object>(answer: Answer<Output>): Promise<Output> {
  if (!answer.ok) throw answer.error;
  return answer.output;
}

/**
 * Refuses what a model does not model, so that no parameter is passed over in silence.
 *
 * @throws Error for a defined field that is not among those known.
 */
export function onlyFields(operation: string, input: object, known: readonly string[]): void {
  for (const [field, value] of Object.entries(input)) {
    if (value !== undefined && !known.includes(field)) {
      throw new Error(`the model of ${operation} knows ${known.join(", ")}; it was given ${field}.`);
    }
  }
}

import { type Difference, idOf } from "./difference.ts";

/**
 * What it means for callers that something they name is removed: where another version stays, the name alone is
 * answered on; else nothing of it is.
 *
 * @param to - what there is of that kind now.
 */
export function removal(
  kind: "view" | "service" | "model",
  removed: { readonly name: string; readonly version: number },
  to: readonly { readonly name: string; readonly version: number }[],
): Pick<Difference, "care" | "notes"> {
  const left = to.filter(({ name }) => name === removed.name).map(idOf);
  if (left.length === 0) {
    const care = `Callers that ask for it get 404 unknown-${kind}: have them ask for another before it goes.`;
    return { care: [care], notes: [] };
  }
  const rest = left.length === 1 ? `the name alone is ${left[0]}` : `${left.join(" and ")} stay`;
  return { care: [], notes: [`Callers that write ${idOf(removed)} get 404 unknown-${kind}; ${rest}.`] };
}

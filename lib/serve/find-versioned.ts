import { invalidRequest, ProblemError } from "./problems.ts";

/**
 * Finds what a request names, among things by `name@version`: by that, or by the name alone where it has one version.
 *
 * @throws ProblemError `unknown-view` or `unknown-service`; `invalid-request` for a name of several versions.
 */
export function findVersioned<T>(
  kind: "view" | "service",
  byId: ReadonlyMap<string, T>,
  name: string,
  pointer = `#/${kind}`,
): T {
  const exact = byId.get(name);
  if (exact !== undefined) return exact;
  const versions = [...byId].filter(([id]) => id.startsWith(`${name}@`));
  const [only, ...others] = versions;
  if (only === undefined) {
    throw new ProblemError(
      `unknown-${kind}`,
      `There is no ${kind} ${JSON.stringify(name)}; the ${kind}s are ${[...byId.keys()].join(", ") || "none"}.`,
    );
  }
  if (others.length === 0) return only[1];
  const detail = `the ${kind} has several versions; name one of ${versions.map(([id]) => id).join(", ")}.`;
  throw invalidRequest([{ pointer, issue: "invalid-value", detail }]);
}

import type { Model, StalePolicy } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
import { contextFields, keyNames, type ServedModel } from "./catalog.ts";
import { invalidRequest, ProblemError } from "./problems.ts";
import { checkContext } from "./request-context.ts";
import { checkKeys } from "./request-keys.ts";

/** What a model needs from a request, checked. */
export interface ScoringInputs {
  readonly served: ServedModel;
  /** What its views' staleness leads to. */
  readonly onStale: StalePolicy;
  /** `keys[i]` is the key of `served.service.views[i]`. */
  readonly keys: readonly (readonly Scalar[])[];
  readonly context: Readonly<Record<string, unknown>>;
}

/** A request's part that scoring is about. */
export interface ScoringRequest {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly onStale?: StalePolicy | undefined;
}

/**
 * Checks a request for every model that it may be scored by: the one asked for and, where the policy is `fallback`,
 * those after it. A request that only its fallback would refuse is refused now, not first when features are stale.
 *
 * @throws ProblemError `invalid-request` naming every place that is wrong; `policy-unavailable` for a policy that
 *   needs a default score or a fallback which the model does not declare.
 */
export function scoringInputs(
  asked: ServedModel,
  request: ScoringRequest,
  models: ReadonlyMap<string, ServedModel>,
): readonly [ScoringInputs, ...ScoringInputs[]] {
  const onStale = policyOf(asked.model, request.onStale);
  const first = inputsOf(asked, request, onStale);
  const fallbacks: ScoringInputs[] = [];
  for (let last = first; last.onStale === "fallback"; last = fallbacks.at(-1)!) {
    const served = models.get(last.served.model.fallback ?? "");
    if (served === undefined) break;
    const part = {
      keys: pick(request.keys, keyNames(served.service)),
      context:
        request.context === undefined ? undefined : pick(request.context, contextFields(served.service)),
    };
    fallbacks.push(inputsOf(served, part, served.model.onStale));
  }
  return [first, ...fallbacks];
}

/**
 * The policy of a request: the one it asks for, else the model's own.
 *
 * @throws ProblemError `policy-unavailable`
 */
export function policyOf(model: Model, asked: StalePolicy | undefined): StalePolicy {
  const onStale = asked ?? model.onStale;
  const lacks =
    onStale === "default" && model.defaultScore === null
      ? "defaultScore"
      : onStale === "fallback" && model.fallback === null
        ? "fallback"
        : null;
  if (lacks === null) return onStale;
  throw new ProblemError(
    "policy-unavailable",
    `onStale is "${onStale}", but model ${model.name}@${model.version} declares no ${lacks}.`,
    { issues: [{ pointer: "#/onStale", issue: "invalid-value", detail: `the model declares no ${lacks}.` }] },
  );
}

function inputsOf(served: ServedModel, request: ScoringRequest, onStale: StalePolicy): ScoringInputs {
  const { keys, issues: keyIssues } = checkKeys(served.service.views, request.keys);
  const { context, issues: contextIssues } = checkContext(served.service, request.context);
  if (keys === null || context === null) throw invalidRequest([...keyIssues, ...contextIssues]);
  return { served, onStale, keys, context };
}

function pick(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

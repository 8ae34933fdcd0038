import {
  type CfnEventSourceMapping,
  type EventSourceMapping,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import { HEARTBEAT_FILTER } from "./filter-patterns.ts";
import { renderedProperties } from "./rendered-properties.ts";

type Properties = Readonly<Record<string, unknown>>;

/** What of a mapping's properties would be unsound, and why, or undefined. */
type Rule = (properties: Properties) => string | undefined;

const RULES: readonly Rule[] = [
  ({ ParallelizationFactor: factor }) =>
    factor === 1
      ? undefined
      : `${has("parallelisation factor", factor)}: an entity has one writer at a time, so it is 1. Scale by shards.`,
  ({ StartingPosition: position }) =>
    position === StartingPosition.TRIM_HORIZON
      ? undefined
      : `starts at ${JSON.stringify(position)}: what it passes over when it is made again or updated is lost, and answers would be called fresh without it. It starts at TRIM_HORIZON; what a view has folded already is dropped.`,
  unlimited("MaximumRetryAttempts", "given up after so many attempts"),
  unlimited("MaximumRecordAgeInSeconds", "given up at that age"),
  ({ FunctionResponseTypes: types }) =>
    Array.isArray(types) && types.includes("ReportBatchItemFailures")
      ? undefined
      : `${has("FunctionResponseTypes", types)}: they include "ReportBatchItemFailures", or the records that the aggregator hands back are taken for folded, and lost unseen.`,
  ({ DestinationConfig: destination }) =>
    (destination as { OnFailure?: { Destination?: unknown } } | undefined)?.OnFailure?.Destination ===
    undefined
      ? `${has("DestinationConfig", destination)}: OnFailure names the bucket, or a batch that Lambda gives up is lost unseen, and its shard is called fresh without it.`
      : undefined,
  ({ FilterCriteria: criteria }) => {
    const { Filters: filters = [] } = (criteria ?? {}) as { readonly Filters?: unknown };
    if (!Array.isArray(filters) || filters.length === 0) return undefined;
    const patterns: readonly unknown[] = filters.map(({ Pattern: pattern }) => pattern);
    const isHeartbeats = (pattern: unknown) => pattern === HEARTBEAT_FILTER.pattern;
    if (!patterns.some(isHeartbeats)) {
      return `${has("FilterCriteria", criteria)}, which leaves heartbeats out, and answers of idle shards would be stale: one of its patterns is ${HEARTBEAT_FILTER.pattern}. Give filters to the Aggregator, which adds it.`;
    }
    return patterns.every(isHeartbeats)
      ? `${has("FilterCriteria", criteria)}, which leaves out all but heartbeats, and views that are given no event would be called fresh. Give filters to the Aggregator.`
      : undefined;
  },
];

function unlimited(name: string, fate: string): Rule {
  return ({ [name]: value }) =>
    value === -1
      ? undefined
      : `${has(name, value)}: it is -1, without a limit, or records that are ${fate} are passed over, and lost to every view.`;
}

function has(name: string, value: unknown): string {
  return value === undefined ? `has no ${name}` : `has the ${name} ${JSON.stringify(value)}`;
}

/**
 * Refuses, at synthesis, what would have an aggregator's mapping fold records out of order, or pass them over unseen
 * (R1, R2). It judges what the template will say, by whatever it was overridden.
 */
export function refuseUnsoundMapping(mapping: EventSourceMapping): void {
  mapping.node.addValidation({
    validate() {
      const properties = renderedProperties(mapping.node.defaultChild as CfnEventSourceMapping);
      return RULES.map((rule) => rule(properties))
        .filter((problem) => problem !== undefined)
        .map((problem) => `${mapping.node.path} ${problem}`);
    },
  });
}

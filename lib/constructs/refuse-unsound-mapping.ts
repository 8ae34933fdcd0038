import {
  type CfnEventSourceMapping,
  type EventSourceMapping,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";

/**
 * Refuses, at synthesis, overrides of an aggregator's mapping that would have records folded out of order, or passed over
 * unseen (R1, R2): a parallelisation factor, and another start than the oldest record.
 */
export function refuseUnsoundMapping(mapping: EventSourceMapping): void {
  mapping.node.addValidation({
    validate() {
      const resource = mapping.node.defaultChild as CfnEventSourceMapping;
      const refused: string[] = [];
      const factor: unknown = mapping.stack.resolve(resource.parallelizationFactor);
      if (factor !== 1) {
        refused.push(
          `${mapping.node.path} has the parallelisation factor ${JSON.stringify(factor)}: an entity has one writer at a time, so it is 1. Scale by shards.`,
        );
      }
      const position: unknown = mapping.stack.resolve(resource.startingPosition);
      if (position !== StartingPosition.TRIM_HORIZON) {
        refused.push(
          `${mapping.node.path} starts at ${JSON.stringify(position)}: what it passes over when it is made again or updated is lost, and answers would be called fresh without it. It starts at TRIM_HORIZON; what a view has folded already is dropped.`,
        );
      }
      return refused;
    },
  });
}

import { CfnAlias, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";

/**
 * Refuses, at synthesis, what would have one shard folded by two versions (R1, R15): an alias of the aggregator that
 * splits or shifts traffic.
 */
export function refuseSplitTraffic(aggregator: LambdaFunction): void {
  const { stack } = aggregator;
  aggregator.node.addValidation({
    validate() {
      const own = JSON.stringify(stack.resolve(aggregator.functionName));
      const aliases = aggregator.node.root.node
        .findAll()
        .filter((each): each is CfnAlias => each instanceof CfnAlias)
        .filter((alias) => JSON.stringify(alias.stack.resolve(alias.functionName)) === own);
      const problems = aliases.flatMap((alias) => {
        const name = `alias ${alias.node.path}`;
        if (alias.stack.resolve(alias.routingConfig) !== undefined) {
          return [`${name} splits traffic between versions of the aggregator ${aggregator.node.path}`];
        }
        return alias.cfnOptions.updatePolicy?.codeDeployLambdaAliasUpdate === undefined
          ? []
          : [`${name} shifts traffic between versions of the aggregator ${aggregator.node.path} bit by bit`];
      });
      return problems.map(
        (problem) =>
          `${problem}: old and new code would fold one shard at a time, and leave gaps. Update it all at once.`,
      );
    },
  });
}

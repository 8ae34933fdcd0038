import { CfnResource } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** The resource that a construct of the app makes; undefined for one that is imported, of which an app knows a name alone. */
export function ownedResource(construct: IConstruct): CfnResource | undefined {
  const { defaultChild } = construct.node;
  return defaultChild !== undefined && CfnResource.isCfnResource(defaultChild) ? defaultChild : undefined;
}

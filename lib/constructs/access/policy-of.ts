import type { Role } from "aws-cdk-lib/aws-iam";
import type { IDependable } from "constructs";

/** A role's own policy, for what may begin only when it stands: a reference to the role does not wait for that. */
export function policyOf(role: Role): IDependable {
  return role.node.findChild("DefaultPolicy");
}

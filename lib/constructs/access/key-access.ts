import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

/** What a service needs of the key that its data is encrypted with: each by name, where the CDK's own grants have wildcards. */
const KEY_ACTIONS = {
  read: ["kms:Decrypt"],
  write: ["kms:GenerateDataKey"],
  "read and write": ["kms:Decrypt", "kms:GenerateDataKey"],
} as const;

/** Adds the use of a key, if there is one, to a grant. */
export function withKey(
  grant: Grant,
  key: IKey | undefined,
  { grantee, use }: { readonly grantee: IGrantable; readonly use: keyof typeof KEY_ACTIONS },
): Grant {
  return key === undefined ? grant : grant.combine(key.grant(grantee, ...KEY_ACTIONS[use]));
}

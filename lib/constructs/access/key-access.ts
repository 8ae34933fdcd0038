import { Stack } from "aws-cdk-lib";
import { type Grant, type IGrantable, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IConstruct } from "constructs";

/** What a service needs of the key that its data is encrypted with: each by name, where the CDK's own grants have wildcards. */
const KEY_ACTIONS = {
  read: ["kms:Decrypt"],
  write: ["kms:GenerateDataKey"],
  "read and write": ["kms:Decrypt", "kms:GenerateDataKey"],
} as const;

/** What CloudWatch encrypts log groups by, as its own guide has it. */
const LOGS_ACTIONS = [
  "kms:Decrypt*",
  "kms:Describe*",
  "kms:Encrypt*",
  "kms:GenerateDataKey*",
  "kms:ReEncrypt*",
];

/**
 * Lets CloudWatch encrypt the log groups of a construct's account by a key, which its own policy must say. That of an
 * imported key is its owner's to write.
 */
export function letLogsUse(key: IKey, scope: IConstruct): void {
  const stack = Stack.of(scope);
  const anyGroup = stack.formatArn({ service: "logs", resource: "log-group:*" });
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: LOGS_ACTIONS,
      resources: ["*"],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": anyGroup } },
    }),
    true,
  );
}

/** Adds the use of a key, if there is one, to a grant. */
export function withKey(
  grant: Grant,
  key: IKey | undefined,
  { grantee, use }: { readonly grantee: IGrantable; readonly use: keyof typeof KEY_ACTIONS },
): Grant {
  return key === undefined ? grant : grant.combine(key.grant(grantee, ...KEY_ACTIONS[use]));
}

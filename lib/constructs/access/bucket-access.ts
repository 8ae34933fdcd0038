import { Token } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import type { AnyBucket } from "../options.ts";

/**
 * Lets objects be put below prefixes of a bucket.
 *
 * @param role - what has the policy, for the rule that its wildcards break.
 */
export function grantPutObjects(
  bucket: AnyBucket,
  role: IConstruct & IGrantable,
  prefixes: readonly string[],
): Grant {
  acknowledgeObjects(bucket, role, prefixes);
  const own = Grant.addToPrincipal({
    grantee: role,
    actions: ["s3:PutObject"],
    resourceArns: prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
  });
  const { encryptionKey } = bucket;
  return encryptionKey === undefined ? own : own.combine(encryptionKey.grantEncryptDecrypt(role));
}

/** Objects' names are not known beforehand: a policy names the prefixes that they are under. */
export function acknowledgeObjects(bucket: AnyBucket, role: IConstruct, prefixes: readonly string[]): void {
  for (const prefix of prefixes) {
    acknowledge(
      role,
      `AwsSolutions-IAM5[Resource::${shownArn(bucket)}/${prefix}*]`,
      `The names of the objects below ${prefix} are not known beforehand.`,
    );
  }
}

/** A bucket's ARN as cdk-nag writes it. */
function shownArn(bucket: AnyBucket): string {
  if (!Token.isUnresolved(bucket.bucketArn)) return bucket.bucketArn;
  const resolved: unknown = bucket.stack.resolve(bucket.bucketArn);
  const attribute = (resolved as { readonly "Fn::GetAtt"?: readonly string[] })["Fn::GetAtt"];
  return attribute === undefined ? JSON.stringify(resolved) : `<${attribute.join(".")}>`;
}

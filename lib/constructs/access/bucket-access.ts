import { Stack } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import type { AnyBucket } from "../options.ts";
import { withKey } from "./key-access.ts";

/**
 * Lets objects below prefixes of a bucket be worked on. Their names are not known beforehand: the rule against wildcards
 * is acknowledged for each prefix.
 */
export function grantObjects(
  bucket: AnyBucket,
  role: IConstruct & IGrantable,
  { actions, prefixes }: { readonly actions: string[]; readonly prefixes: readonly string[] },
): Grant {
  // Only a synthesis knows how another stack's bucket is referred to; validation is its first step after references.
  role.node.addValidation({
    validate() {
      const arn = flatText(Stack.of(role).resolve(bucket.bucketArn));
      for (const prefix of prefixes) {
        acknowledge(
          role,
          `AwsSolutions-IAM5[Resource::${arn}/${prefix}*]`,
          `The names of the objects below ${prefix} are not known beforehand.`,
        );
      }
      return [];
    },
  });
  const resourceArns = prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
  const own = Grant.addToPrincipal({ grantee: role, actions, resourceArns });
  return withKey(own, bucket.encryptionKey, { grantee: role, use: "read and write" });
}

/** A value of a template as cdk-nag writes it: `<Data727561E3.Arn>`, `arn:<AWS::Partition>:s3:::events`, an export's name. */
function flatText(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return String(value).replaceAll("${", "<").replaceAll("}", ">");
  }
  const node = value as Readonly<Record<string, unknown>>;
  if (node.Ref !== undefined) return `<${flatText(node.Ref)}>`;
  const join = node["Fn::Join"] as readonly [string, readonly unknown[]] | undefined;
  if (join !== undefined) return join[1].map(flatText).join(join[0]);
  const attribute = node["Fn::GetAtt"] as readonly unknown[] | undefined;
  if (attribute !== undefined) return `<${attribute.map(flatText).join(".")}>`;
  const named = node["Fn::ImportValue"] ?? node["Fn::Sub"];
  return named === undefined ? JSON.stringify(value) : flatText(named);
}

import { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { letLogsUse } from "../access/key-access.ts";

/** A log group that is kept for three months and goes with its construct, encrypted by the key if there is one. */
export function createLogGroup(
  scope: Construct,
  id: string,
  { encryptionKey }: { readonly encryptionKey?: IKey },
): LogGroup {
  if (encryptionKey !== undefined) letLogsUse(encryptionKey, scope);
  return new LogGroup(scope, id, {
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
  });
}

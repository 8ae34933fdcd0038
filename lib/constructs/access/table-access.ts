import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import type { AnyTable } from "../options.ts";

const READ_ACTIONS = ["dynamodb:BatchGetItem", "dynamodb:GetItem"];

/** Lets features be read. */
export function grantTableRead(table: AnyTable, grantee: IGrantable): Grant {
  return grant(table, grantee, READ_ACTIONS);
}

/** Lets records be folded: items are read, and put on condition. */
export function grantTableFold(table: AnyTable, grantee: IGrantable): Grant {
  return grant(table, grantee, [...READ_ACTIONS, "dynamodb:PutItem"]);
}

function grant(table: AnyTable, grantee: IGrantable, actions: readonly string[]): Grant {
  const own = table.grant(grantee, ...actions);
  const { encryptionKey } = table;
  return encryptionKey === undefined ? own : own.combine(encryptionKey.grantEncryptDecrypt(grantee));
}

import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import type { AnyTable } from "../options.ts";
import { withKey } from "./key-access.ts";

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
  return withKey(table.grant(grantee, ...actions), table.encryptionKey, { grantee, use: "read and write" });
}

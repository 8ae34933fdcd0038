import { Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { FreshetError } from "../define/error.ts";

/** MB of memory that a function may have. */
export const LAMBDA_MEMORY = { least: 128, most: 10_240 };

/**
 * Refuses a number that AWS would refuse at deployment, or that means nothing.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkNumber(
  construct: Construct,
  name: string,
  value: number | undefined,
  allowed: { readonly least: number; readonly most?: number; readonly isWhole?: boolean },
): void {
  const { least, most = Number.MAX_SAFE_INTEGER, isWhole = true } = allowed;
  // A token is a number that is known at deployment alone.
  if (value === undefined || Token.isUnresolved(value)) return;
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new FreshetError(
    "OPTION_INVALID",
    `${construct.constructor.name} ${construct.node.path}: ${name} is ${value}; it is a ${isWhole ? "whole " : ""}number ${range}.`,
  );
}

/**
 * Refuses a value that is none of those it can be.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkChoice(
  construct: Construct,
  name: string,
  value: string | undefined,
  choices: readonly string[],
): void {
  if (value === undefined || choices.includes(value)) return;
  throw new FreshetError(
    "OPTION_INVALID",
    `${construct.constructor.name} ${construct.node.path}: ${name} is ${JSON.stringify(value)}; it is one of ${choices.join(", ")}.`,
  );
}

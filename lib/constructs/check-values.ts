import { Duration, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { formatDuration } from "../define/duration.ts";
import { quote } from "../define/refuse.ts";
import { refuseProp } from "./refuse-prop.ts";

/** How long a function may take. */
export const LAMBDA_TIMEOUT = { least: Duration.seconds(1), most: Duration.minutes(15) };

/** MB of memory that a function may have. */
export const LAMBDA_MEMORY = { least: 128, most: 10_240 };

/**
 * Refuses a number that AWS would refuse at deployment, or that means nothing.
 *
 * @param allowed.word - may stand instead of a number.
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkNumber(
  construct: Construct,
  name: string,
  value: number | string | undefined,
  allowed: {
    readonly least: number;
    readonly most?: number;
    readonly isWhole?: boolean;
    readonly word?: string;
  },
): void {
  const { least, most = Number.MAX_SAFE_INTEGER, isWhole = true, word } = allowed;
  // A token is a number that is known at deployment alone.
  if (value === undefined || value === word || Token.isUnresolved(value)) return;
  const isNumber = typeof value === "number" && (!isWhole || Number.isInteger(value));
  if (isNumber && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  const orWord = word === undefined ? "" : `${quote(word)}, or `;
  refuseProp(
    construct,
    `${name} is ${quote(value)}; it is ${orWord}a ${isWhole ? "whole " : ""}number ${range}.`,
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
  refuseProp(construct, `${name} is ${JSON.stringify(value)}; it is one of ${choices.join(", ")}.`);
}

/**
 * Refuses what is neither true nor false: a word would be taken for true.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkSwitch(construct: Construct, name: string, value: boolean | undefined): void {
  if (value === undefined || typeof value === "boolean") return;
  refuseProp(construct, `${name} is ${quote(value)}; it is true or false.`);
}

/**
 * Refuses what is no `Duration`, such as a number of seconds, and one that AWS would refuse at deployment.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkDuration(
  construct: Construct,
  name: string,
  value: Duration | undefined,
  { least, most }: { readonly least: Duration; readonly most?: Duration },
): void {
  if (value === undefined) return;
  // By what it has, so that an app may have another copy of the CDK than the kit.
  if (typeof value?.toMilliseconds !== "function") {
    refuseProp(construct, `${name} is ${quote(value)}; it is a Duration, such as Duration.seconds(5).`);
  }
  if (value.isUnresolved()) return;
  const lengthMs = value.toMilliseconds();
  // What has a longest is AWS's own, and of whole seconds.
  if (most !== undefined && lengthMs % 1_000 !== 0) {
    refuseProp(construct, `${name} is ${formatDuration(lengthMs)}; it is of whole seconds.`);
  }
  if (lengthMs >= least.toMilliseconds() && lengthMs <= (most?.toMilliseconds() ?? lengthMs)) return;
  const [shortest, given] = [formatDuration(least.toMilliseconds()), formatDuration(lengthMs)];
  const range =
    most === undefined
      ? `${shortest} at least`
      : `from ${shortest} to ${formatDuration(most.toMilliseconds())}`;
  refuseProp(construct, `${name} is ${given}; it is ${range}.`);
}

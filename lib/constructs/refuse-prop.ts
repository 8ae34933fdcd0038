import type { Construct } from "constructs";
import { FreshetError } from "../define/error.ts";

/** @throws FreshetError `OPTION_INVALID`, naming the construct and its place in the app. */
export function refuseProp(construct: Construct, problem: string, options: { cause?: unknown } = {}): never {
  throw new FreshetError(
    "OPTION_INVALID",
    `${construct.constructor.name} ${construct.node.path}: ${problem}`,
    options,
  );
}

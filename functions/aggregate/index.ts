/// <reference path="../definitions.d.ts" />
import * as bundled from "freshet:definitions";
import {
  type AggregateHandler,
  type AggregateHandlerOptions,
  createAggregateHandler as createHandler,
} from "./handler.ts";

export type { AggregateHandler, AggregateHandlerOptions, AggregateLogger } from "./handler.ts";

/** Makes the aggregator of the definitions that it is bundled with, or of others. */
export function createAggregateHandler(
  options: Omit<AggregateHandlerOptions, "definitions"> &
    Partial<Pick<AggregateHandlerOptions, "definitions">>,
): AggregateHandler {
  return createHandler({ definitions: bundled, ...options });
}

let deployed: AggregateHandler | undefined;

/** What Lambda calls. Made at the first event, so that the module can be loaded without its environment. */
export const handler: AggregateHandler = (event) => {
  deployed ??= createAggregateHandler({ environment: process.env });
  return deployed(event);
};

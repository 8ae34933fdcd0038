/// <reference path="../definitions.d.ts" />
import * as bundled from "freshet:definitions";
import { createMarkLosses as createHandler, type MarkLosses, type MarkLossesOptions } from "./handler.ts";

export type { LossReport, LossReporter } from "./emit-metrics.ts";
export type { LossLogger, MarkLosses, MarkLossesOptions, ObjectCreatedEvent } from "./handler.ts";

/** Makes the marker of losses of the definitions that it is bundled with, or of others. */
export function createMarkLosses(
  options: Omit<MarkLossesOptions, "definitions"> & Partial<Pick<MarkLossesOptions, "definitions">>,
): MarkLosses {
  return createHandler({ definitions: bundled, ...options });
}

let deployed: MarkLosses | undefined;

/** What Lambda calls. Made at the first event, so that the module can be loaded without its environment. */
export const handler: MarkLosses = (event) => {
  deployed ??= createMarkLosses({ environment: process.env });
  return deployed(event);
};

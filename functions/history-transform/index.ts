/// <reference path="../definitions.d.ts" />
import * as bundled from "freshet:definitions";
import {
  createHistoryTransform as createTransform,
  type HistoryTransform,
  type HistoryTransformOptions,
} from "./handler.ts";

export type { HistoryLogger, HistoryTransform, HistoryTransformOptions } from "./handler.ts";

/** Makes the transform of a source of the definitions that it is bundled with, or of others. */
export function createHistoryTransform(
  options: Omit<HistoryTransformOptions, "definitions"> &
    Partial<Pick<HistoryTransformOptions, "definitions">>,
): HistoryTransform {
  return createTransform({ definitions: bundled, ...options });
}

let deployed: HistoryTransform | undefined;

/** What Lambda calls. Made at the first batch, so that the module can be loaded without its environment. */
export const handler: HistoryTransform = (event) => {
  deployed ??= createHistoryTransform({ environment: process.env });
  return deployed(event);
};

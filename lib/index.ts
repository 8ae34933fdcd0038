/**
 * What users write: sources, views, services and models, and the features of a view.
 *
 * @module freshet-kit
 */

export * from "./define/index.ts";

import type { OptionNames } from "../../define/check-options.ts";
import type { Duration } from "../../define/duration.ts";

/**
 * Something that goes wrong once it is injected. What goes wrong with a batch waits for the next that holds an event;
 * heartbeats pass.
 */
export type Fault =
  /** The batch is handled, and the answer lost: it is handed on again. */
  | { readonly kind: "redelivery" }
  /**
   * The process dies at its first write of an item, before it or right after (`at`; by default after): another, that
   * remembers nothing, is handed the batch again.
   */
  | { readonly kind: "crash"; readonly at?: "before-write" | "after-write" }
  /** The table refuses so many of the aggregator's calls; by default one. */
  | { readonly kind: "throttle"; readonly calls?: number }
  /** The first write of an item is never answered, whether or not it was carried out. */
  | { readonly kind: "write-in-doubt"; readonly applied: boolean }
  /** The table refuses every call, reads for the API too. */
  | { readonly kind: "table-outage"; readonly for: Duration }
  /** What is to be set aside cannot be written, so many times; by default once. */
  | { readonly kind: "failed-object"; readonly puts?: number }
  /**
   * The batch is given up and never handled. By default that is noticed, as an on-failure message is: its shard's
   * freshness is unknown from then on.
   */
  | { readonly kind: "lost-batch"; readonly noticed?: boolean };

/** What can be injected, by name. */
export type FaultKind = Fault["kind"];

/** What each kind of fault may state. */
export const FAULT_FIELDS: { readonly [Kind in FaultKind]: OptionNames<Extract<Fault, { kind: Kind }>> } = {
  redelivery: { kind: 0 },
  crash: { kind: 0, at: 0 },
  throttle: { kind: 0, calls: 0 },
  "write-in-doubt": { kind: 0, applied: 0 },
  "table-outage": { kind: 0, for: 0 },
  "failed-object": { kind: 0, puts: 0 },
  "lost-batch": { kind: 0, noticed: 0 },
};

/** The kinds of faults, for messages. */
export const faultKinds = Object.keys(FAULT_FIELDS) as readonly FaultKind[];

import type { Deviations } from "../check.ts";

/** By the name of a server; one that is not here deviates nowhere. */
export const tableDeviations: Readonly<Record<string, Deviations>> = {
  dynalite: {
    "a refused put answers the item that stands, when ALL_OLD asks for it": {
      observed: { class: true, status: 400, item: "none" },
      because: "it does not know ReturnValuesOnConditionCheckFailure; the store reads the item instead",
    },
    "the limit of a key counts bytes, not characters": {
      observed: { fits: "answered", longer: "answered" },
      because: "it counts text in UTF-16 units",
    },
    "sizes count names and text as UTF-8": {
      observed: { value: 1, name: 1, larger: "answered" },
      because: "it counts text in UTF-16 units",
    },
    "an answer of 10 MB is whole": {
      observed: { answered: 3, unprocessed: 23 },
      because: "it answers 1 MB and an item at most",
    },
    "a scan costs by the bytes of a page, and answers at most its limit": {
      observed: { units: [1], limited: [2, 2, 1], found: ["k000", "k001", "k002", "k003", "k004"] },
      because: "it passes over a scan's ConsistentRead, and bills half",
    },
    "TTL is turned on for the attribute of the store": {
      observed: { update: "UnknownOperationException", on: false, attribute: undefined },
      because: "it has no UpdateTimeToLive; expired items stay",
    },
  },
};

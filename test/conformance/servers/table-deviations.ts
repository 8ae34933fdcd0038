import type { Deviations } from "../check.ts";
import { numbered, text } from "../table/table-subject.ts";

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
      observed: { units: [1], limited: [2, 2, 1], found: numbered(5) },
      because: "it passes over a scan's ConsistentRead, and bills half",
    },
    "TTL is turned on for the attribute of the store": {
      observed: { update: "UnknownOperationException", on: false, attribute: undefined },
      because: "it has no UpdateTimeToLive; expired items stay",
    },
  },
  ministack: {
    "placeholders without a meaning or without a use are refused": {
      observed: {
        noSuchName: "answered",
        noSuchValue: "ConditionalCheckFailedException",
        unusedName: "ValidationException",
        unusedValue: "ValidationException",
        namesAlone: "ValidationException",
        empty: "ValidationException",
        stands: { pk: text("a") },
      },
      because: "it passes over placeholders that it was told nothing of; the store writes none such",
    },
    "a read costs a unit an item and 4 KB begun, half when it is eventual, and what is absent costs too": {
      observed: {
        one: undefined,
        large: undefined,
        absent: undefined,
        all: undefined,
        eventual: undefined,
      },
      because: "it tells no units of a batch read",
    },
    "keys that find no room in 16 MB are unprocessed, and can be asked for again": {
      observed: { something: true, withinLimit: false, severalCalls: false, each: numbered(46) },
      because: "it answers everything at once: it never leaves a key unprocessed",
    },
    "a scan costs by the bytes of a page, and answers at most its limit": {
      observed: { units: [1], limited: [2, 2, 1], found: numbered(5) },
      because: "it passes over a scan's ConsistentRead, and bills half",
    },
  },
  "DynamoDB Local": {
    "a read costs a unit an item and 4 KB begun, half when it is eventual, and what is absent costs too": {
      observed: { one: 1, large: 2, absent: 0, all: 4, eventual: 2 },
      because: "it bills nothing for what is absent",
    },
  },
};

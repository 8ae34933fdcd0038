import type { Deviations } from "../check.ts";

/** By the name of a server; one that is not here deviates nowhere. */
export const streamDeviations: Readonly<Record<string, Deviations>> = {
  kinesalite: {
    "a stream is known by its ARN as by its name": {
      observed: { describe: "ValidationException", list: "InvalidArgumentException" },
      because: "it knows streams by their names alone",
    },
    "a list of shards comes in pages, each once": {
      observed: { pages: [5], ids: "01234" },
      because: "it passes over MaxResults",
    },
    "the limit of a record includes its partition key": {
      observed: "answered",
      because: "it counts the data alone",
    },
    "AT_TIMESTAMP behind the last record reads what is put afterwards": {
      observed: "no answer",
      because: "it never answers such a request",
    },
    "a page holds at most 10 MiB": {
      observed: { all: 12, withinLimit: false },
      because: "it bounds a page by records alone",
    },
    "MillisBehindLatest is nothing at the tip, and more while records are left": {
      observed: [0, 0],
      because: "it always says 0; the poller asks whether the page was full too",
    },
    "the page that ends a closed shard names its children": {
      observed: undefined,
      because: "it has no ChildShards; the poller lists shards instead",
    },
  },
};

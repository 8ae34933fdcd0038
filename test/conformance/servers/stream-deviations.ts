import { type Deviations, endedBy } from "../check.ts";
import { numberedTexts } from "../stream/stream-subject.ts";

const INVALID = "ValidationException";
const LAST_HASH_KEY = 2n ** 128n - 1n;
/** Of ministack. */
const FORGETS = "it forgets a shard with its records as soon as it is split or merged";
const openChildren = [
  {
    id: "shardId-000000000001",
    parents: ["shardId-000000000000"],
    range: ["0", String(2n ** 127n - 1n)],
    open: true,
  },
  {
    id: "shardId-000000000002",
    parents: ["shardId-000000000000"],
    range: [String(2n ** 127n), String(LAST_HASH_KEY)],
    open: true,
  },
];

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
  ministack: {
    "a list of shards comes in pages, each once": {
      observed: endedBy("ResourceNotFoundException"),
      because: "it asks for the stream's name beside the token",
    },
    "a list of shards may begin behind one, and goes on by its token alone": {
      observed: { behind: "12", both: "InvalidArgumentException", neither: "ResourceNotFoundException" },
      because: "it looks for a stream without a name",
    },
    "the retention may be raised to a week, and not lowered by raising it": {
      observed: { week: "answered", day: "ValidationException", stands: 168 },
      because: "it names the refusal otherwise",
    },
    "sequence numbers rise with every record of a shard, within a put and from put to put": {
      observed: { rising: true, decimal: false, oneShard: 1 },
      because: "its numbers begin with zeros; the kit compares them padded",
    },
    "a put takes 1 to 500 records, and one that is refused puts nothing": {
      observed: { most: "answered", more: INVALID, none: "answered", stands: 500 },
      because: "it takes a put of nothing",
    },
    "the limit of a record includes its partition key": {
      observed: "answered",
      because: "it counts the data alone",
    },
    "partition keys have 1 to 256 characters, and explicit hash keys lie below 2^128": {
      observed: {
        longest: "answered",
        longer: INVALID,
        empty: "answered",
        highest: "answered",
        higher: "answered",
      },
      because: "it takes an empty partition key, and any hash key",
    },
    "a start that cannot be is refused": {
      observed: {
        otherShard: "answered",
        noNumber: "answered",
        needless: "answered",
        noTime: INVALID,
        future: "answered",
        text: "answered",
      },
      because: "it takes any start, but for a time that is missing",
    },
    "a page holds at most its limit, of 1 to 10,000 records, and none is passed over": {
      observed: { withinLimit: true, texts: numberedTexts(10), none: "answered", tooMany: "answered" },
      because: "it takes any limit",
    },
    "a page holds at most 10 MiB": {
      observed: { all: 12, withinLimit: false },
      because: "it bounds a page by records alone",
    },
    "what is no iterator is refused": {
      observed: "ExpiredIteratorException",
      because: "it takes every iterator that it does not know for an old one",
    },
    "a split closes the shard and opens two that name it and share its range": {
      observed: openChildren,
      because: FORGETS,
    },
    "a merge closes both shards and opens one that names them and has their range": {
      observed: [
        {
          id: "shardId-000000000002",
          parents: ["shardId-000000000000", "shardId-000000000001"],
          range: ["0", String(LAST_HASH_KEY)],
          open: true,
        },
      ],
      because: FORGETS,
    },
    "shards are split inside their range, and merged with their neighbour alone": {
      observed: {
        outside: INVALID,
        atStart: INVALID,
        notAdjacent: "answered",
        noSuchShard: "ResourceNotFoundException",
        shards: 2,
      },
      because: "it merges any two shards, and names the refusal of a split otherwise",
    },
    "a closed shard is read to its end, which is said by a page without an iterator": {
      observed: endedBy("ResourceNotFoundException"),
      because: FORGETS,
    },
    "a closed shard that never had a record ends too": {
      observed: endedBy("ResourceNotFoundException"),
      because: FORGETS,
    },
    "the page that ends a closed shard names its children": {
      observed: endedBy("ResourceNotFoundException"),
      because: FORGETS,
    },
    "the numbers of a closed shard lie between its ends": {
      observed: [false, false, false],
      because: FORGETS,
    },
    "shards may be split and merged again before their parents are read": {
      observed: {
        found: { "shardId-000000000003": ["child"], "shardId-000000000005": ["grandchild"] },
        parents: [["shardId-000000000001"], ["shardId-000000000004", "shardId-000000000002"]],
      },
      because: FORGETS,
    },
  },
};

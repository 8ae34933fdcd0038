import { BatchGetItemCommand, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { dynamoDbApi, dynamoDbPages } from "../aws-pages.ts";
import { type Check, outcome } from "../check.ts";
import {
  type Item,
  itemOfBytes,
  number,
  numbered,
  put,
  standing,
  type TableSubject,
  text,
} from "./table-subject.ts";

const INVALID = "ValidationException";
const ANSWER_BYTES = 16 * 1024 * 1024;
const LARGE_BYTES = 390_000;

function read({ client }: TableSubject, table: string, pks: readonly string[], consistent = true) {
  return client.send(
    new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: pks.map((pk) => ({ pk: text(pk) })), ConsistentRead: consistent } },
      ReturnConsumedCapacity: "TOTAL",
    }),
  );
}

const keysOf = (items: readonly Item[] | undefined): string[] => (items ?? []).map(({ pk }) => pk!.S!);

/** One after the other: a real table takes only so much a second. */
async function putAll(subject: TableSubject, table: string, items: readonly Item[]): Promise<void> {
  for (const item of items) await put(subject, table, item);
}

async function allPages({ client }: TableSubject, table: string, limit?: number) {
  const pages: ScanCommandOutput[] = [];
  let start: Item | undefined;
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ReturnConsumedCapacity: "TOTAL",
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    pages.push(page);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return pages;
}

export const readChecks: readonly Check<TableSubject>[] = [
  {
    title: "a strongly consistent read sees every write that was answered",
    documented: dynamoDbPages.consistency,
    async observe(subject) {
      const table = await subject.newTable();
      const seen: (string | undefined)[] = [];
      for (let n = 0; n < 10; n++) {
        await put(subject, table, { pk: text("a"), n: number(String(n)) });
        seen.push((await standing(subject, table, "a"))?.n?.N);
      }
      return seen.join(" ");
    },
    expected: "0 1 2 3 4 5 6 7 8 9",
  },
  {
    title: "a batch read answers what is there, of up to 100 keys, each named once",
    documented: dynamoDbApi("BatchGetItem"),
    async observe(subject) {
      const table = await subject.newTable();
      const pks = numbered(100);
      await putAll(
        subject,
        table,
        pks.slice(0, 60).map((pk) => ({ pk: text(pk) })),
      );
      const { Responses, UnprocessedKeys } = await read(subject, table, pks);
      return {
        found: keysOf(Responses?.[table]).sort(),
        unprocessed: Object.keys(UnprocessedKeys ?? {}),
        tooMany: await outcome(read(subject, table, numbered(101))),
        twice: await outcome(read(subject, table, ["a", "b", "a"])),
        none: await outcome(read(subject, table, [])),
      };
    },
    expected: { found: numbered(60), unprocessed: [], tooMany: INVALID, twice: INVALID, none: INVALID },
  },
  {
    title:
      "a read costs a unit an item and 4 KB begun, half when it is eventual, and what is absent costs too",
    documented: dynamoDbPages.consumption,
    async observe(subject) {
      const table = await subject.newTable();
      await putAll(subject, table, [itemOfBytes("a", 4_096), itemOfBytes("b", 4_097), itemOfBytes("c", 10)]);
      const units = async (pks: readonly string[], consistent: boolean) =>
        (await read(subject, table, pks, consistent)).ConsumedCapacity?.[0]?.CapacityUnits;
      return {
        one: await units(["a"], true),
        large: await units(["b"], true),
        absent: await units(["x"], true),
        all: await units(["a", "b", "c", "x", "y"], true),
        eventual: await units(["a", "b", "c", "x", "y"], false),
      };
    },
    expected: { one: 1, large: 2, absent: 1, all: 6, eventual: 3 },
  },
  {
    title: "an answer of 10 MB is whole",
    documented: dynamoDbApi("BatchGetItem"),
    async observe(subject) {
      const table = await subject.newTable();
      const pks = numbered(26);
      await putAll(
        subject,
        table,
        pks.map((pk) => itemOfBytes(pk, LARGE_BYTES)),
      );
      const { Responses, UnprocessedKeys } = await read(subject, table, pks);
      return {
        answered: Responses?.[table]?.length,
        unprocessed: UnprocessedKeys?.[table]?.Keys?.length ?? 0,
      };
    },
    expected: { answered: 26, unprocessed: 0 },
  },
  {
    title: "keys that find no room in 16 MB are unprocessed, and can be asked for again",
    documented: dynamoDbApi("BatchGetItem"),
    async observe(subject) {
      const table = await subject.newTable();
      const pks = numbered(46);
      await putAll(
        subject,
        table,
        pks.map((pk) => itemOfBytes(pk, LARGE_BYTES)),
      );
      const found: string[] = [];
      let asked = pks;
      let calls = 0;
      let always = { something: true, withinLimit: true };
      for (; asked.length > 0 && calls < 50; calls++) {
        const { Responses, UnprocessedKeys } = await read(subject, table, asked);
        const answered = keysOf(Responses?.[table]);
        found.push(...answered);
        always = {
          something: always.something && answered.length > 0,
          withinLimit: always.withinLimit && answered.length * LARGE_BYTES <= ANSWER_BYTES,
        };
        asked = keysOf(UnprocessedKeys?.[table]?.Keys);
      }
      return { ...always, severalCalls: calls > 1, each: found.sort() };
    },
    expected: { something: true, withinLimit: true, severalCalls: true, each: numbered(46) },
  },
  {
    title: "a scan answers every item once, a page of about 1 MB at a time",
    documented: dynamoDbApi("Scan"),
    async observe(subject) {
      const table = await subject.newTable();
      const pks = numbered(8);
      await putAll(
        subject,
        table,
        pks.map((pk) => itemOfBytes(pk, 300_000)),
      );
      const pages = await allPages(subject, table);
      return {
        found: pages.flatMap(({ Items }) => keysOf(Items)).sort(),
        severalPages: pages.length > 1,
        itemsAPage: pages.every(({ Items = [] }) => Items.length * 300_000 <= 1_350_000),
      };
    },
    expected: { found: numbered(8), severalPages: true, itemsAPage: true },
  },
  {
    title: "a scan costs by the bytes of a page, and answers at most its limit",
    documented: dynamoDbApi("Scan"),
    async observe(subject) {
      const table = await subject.newTable();
      await putAll(
        subject,
        table,
        numbered(5).map((pk) => itemOfBytes(pk, 1_000)),
      );
      const whole = await allPages(subject, table);
      const limited = await allPages(subject, table, 2);
      return {
        units: whole.map(({ ConsumedCapacity }) => ConsumedCapacity?.CapacityUnits),
        limited: limited.map(({ Items = [] }) => Items.length),
        found: limited.flatMap(({ Items }) => keysOf(Items)).sort(),
      };
    },
    expected: { units: [2], limited: [2, 2, 1], found: numbered(5) },
  },
];

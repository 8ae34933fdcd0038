import { dynamoDbApi, dynamoDbPages } from "../aws-pages.ts";
import { type Check, outcome } from "../check.ts";
import {
  bytes,
  type Item,
  itemOfBytes,
  number,
  put,
  putOutcome,
  putUnits,
  standing,
  type TableSubject,
  text,
} from "./table-subject.ts";

const INVALID = "ValidationException";
const MAX_BYTES = 409_600;
const everyByte = Array.from({ length: 256 }, (_, value) => value);

export const itemChecks: readonly Check<TableSubject>[] = [
  {
    title: "text, bytes and flags come back as they were put, empty ones too",
    documented: dynamoDbPages.dataTypes,
    async observe(subject) {
      const table = await subject.newTable();
      const item = {
        pk: text("ключ|#1"),
        text: text("ü€😀\n\u0000"),
        nothing: text(""),
        bytes: bytes(...everyByte),
        noBytes: bytes(),
        on: { BOOL: true },
        off: { BOOL: false },
      };
      await put(subject, table, item);
      return standing(subject, table, "ключ|#1");
    },
    expected: {
      pk: text("ключ|#1"),
      text: text("ü€😀\n\u0000"),
      nothing: text(""),
      bytes: bytes(...everyByte),
      noBytes: bytes(),
      on: { BOOL: true },
      off: { BOOL: false },
    },
  },
  {
    title: "numbers come back in one form, exact to 38 digits, and what has none is refused",
    documented: dynamoDbPages.dataTypes,
    async observe(subject) {
      const table = await subject.newTable();
      const stored = async (N: string) => {
        await put(subject, table, { pk: text("a"), n: number(N) });
        return (await standing(subject, table, "a"))?.n?.N;
      };
      const refused = (N: string) => putOutcome(subject, table, { pk: text("a"), n: number(N) });
      return {
        stored: [
          await stored("981331200123"),
          await stored("-0.25"),
          await stored("1e+21"),
          await stored("0010.500"),
          await stored("-0"),
          await stored("5e-7"),
          await stored("12345678901234567890123456789012345678"),
        ],
        refused: [
          await refused("123456789012345678901234567890123456789"),
          await refused("1e126"),
          await refused("1e-131"),
          await refused("NaN"),
          await refused("Infinity"),
          await refused(""),
        ],
      };
    },
    expected: {
      stored: [
        "981331200123",
        "-0.25",
        "1000000000000000000000",
        "10.5",
        "0",
        "0.0000005",
        "12345678901234567890123456789012345678",
      ],
      refused: [INVALID, INVALID, INVALID, INVALID, INVALID, INVALID],
    },
  },
  {
    title: "a put replaces the item whole",
    documented: dynamoDbApi("PutItem"),
    async observe(subject) {
      const table = await subject.newTable();
      await put(subject, table, { pk: text("a"), old: text("x"), n: number("1") });
      await put(subject, table, { pk: text("a"), n: number("2") });
      return standing(subject, table, "a");
    },
    expected: { pk: text("a"), n: number("2") },
  },
  {
    title: "a key is text of 1 to 2,048 bytes",
    documented: dynamoDbPages.constraints,
    async observe(subject) {
      const table = await subject.newTable();
      const against = (item: Item) => putOutcome(subject, table, item);
      const longest = "k".repeat(2_048);
      return {
        longest: await against({ pk: text(longest) }),
        read: (await standing(subject, table, longest)) !== undefined,
        longer: await against({ pk: text(`${longest}k`) }),
        empty: await against({ pk: text("") }),
        number: await against({ pk: number("1") }),
        none: await against({ n: number("1") }),
      };
    },
    expected: {
      longest: "answered",
      read: true,
      longer: INVALID,
      empty: INVALID,
      number: INVALID,
      none: INVALID,
    },
  },
  {
    title: "the limit of a key counts bytes, not characters",
    documented: dynamoDbPages.constraints,
    async observe(subject) {
      const table = await subject.newTable();
      return {
        fits: await putOutcome(subject, table, { pk: text("é".repeat(1_024)) }),
        longer: await putOutcome(subject, table, { pk: text("é".repeat(1_025)) }),
      };
    },
    expected: { fits: "answered", longer: INVALID },
  },
  {
    title: "an item is at most 400 KB, its names included",
    documented: dynamoDbPages.constraints,
    async observe(subject) {
      const table = await subject.newTable();
      return {
        fits: await putOutcome(subject, table, itemOfBytes("a", MAX_BYTES)),
        larger: await putOutcome(subject, table, itemOfBytes("b", MAX_BYTES + 1)),
        units: await putUnits(subject, table, itemOfBytes("c", MAX_BYTES)),
      };
    },
    expected: { fits: "answered", larger: INVALID, units: 400 },
  },
  {
    title: "sizes count names and text as UTF-8",
    documented: dynamoDbPages.itemSizes,
    async observe(subject) {
      const table = await subject.newTable();
      return {
        value: await putUnits(subject, table, { pk: text("a"), t: text("€".repeat(700)) }),
        name: await putUnits(subject, table, { pk: text("b"), ["é".repeat(600)]: text("") }),
        larger: await putOutcome(subject, table, { pk: text("c"), t: text("€".repeat(140_000)) }),
      };
    },
    expected: { value: 3, name: 2, larger: INVALID },
  },
  {
    title: "a put costs a unit a KB begun, of the larger of what stood there and what is put",
    documented: dynamoDbPages.consumption,
    async observe(subject) {
      const table = await subject.newTable();
      const units: (number | undefined)[] = [];
      for (const size of [10, 1_024, 1_025, 10, 3_000, 10]) {
        units.push(await putUnits(subject, table, itemOfBytes("a", size)));
      }
      return units;
    },
    expected: [1, 1, 2, 2, 3, 3],
  },
  {
    title: "a table that is not there is named by its own exception",
    documented: dynamoDbApi("PutItem"),
    async observe(subject) {
      const table = await subject.newTable();
      const missing = `${table}-not`;
      return {
        put: await putOutcome(subject, missing, { pk: text("a") }),
        read: await outcome(standing(subject, missing, "a")),
      };
    },
    expected: { put: "ResourceNotFoundException", read: "ResourceNotFoundException" },
  },
];

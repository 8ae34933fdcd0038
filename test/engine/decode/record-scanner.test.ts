import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decimalAt } from "../../../lib/engine/decode/decimal.ts";
import { FieldValues, type Row } from "../../../lib/engine/decode/field-values.ts";
import { RecordScanner } from "../../../lib/engine/decode/record-scanner.ts";
import { NOT_KEPT } from "../../../lib/engine/decode/text-table.ts";
import type { Hash64 } from "../../../lib/engine/hash.ts";
import type { DeliveredRecord } from "../../../lib/engine/record.ts";

/** Each run reads about 18 records of each of these schemas: some 600,000 in all, and twice that with 2,000. */
const CASES = Number(process.env.FRESHET_CASES ?? 1_000);

/** Schemas that the scanner reads itself, in part, through zod field by field, or not at all. */
const schemas: Readonly<Record<string, z.ZodObject>> = {
  plain: z.object({ id: z.string(), amount: z.number(), at: z.number() }),
  optional: z.object({ id: z.string(), amount: z.number().optional(), when: z.string().optional() }),
  "judged by zod": z.object({
    id: z.string().min(2),
    amount: z.number().nullable(),
    when: z.iso.datetime(),
    flag: z.boolean().optional(),
  }),
  "changed by zod": z.object({
    id: z.string().transform((text) => text.length),
    amount: z.coerce.number(),
    at: z.number().default(7),
    flag: z.boolean().nullish(),
    absent: z.string().optional(),
  }),
  enums: z.object({
    id: z.enum(["a", "bc"]),
    amount: z.int(),
    flag: z.literal(true),
    "odd key": z.union([z.string(), z.number()]),
  }),
  nulls: z.object({
    id: z.enum(["a", "bc", ""]).nullable(),
    amount: z.int().nullish(),
    when: z.iso.datetime().optional().nullable(),
    flag: z.boolean().nullable(),
    at: z.number().nullable(),
    absent: z.string().nullable().optional(),
  }),
  times: z.object({
    when: z.iso.datetime(),
    offset: z.iso.datetime({ offset: true }),
    precise: z.iso.datetime({ precision: 3 }).nullable(),
    day: z.iso.date(),
  }),
  undefineds: z.object({
    id: z.string().transform((text) => (text === "bc" ? undefined : text)),
    amount: z.number().optional(),
    at: z.number().transform(() => undefined),
  }),
  strict: z.strictObject({ id: z.string(), amount: z.number() }),
  loose: z.looseObject({ id: z.string(), amount: z.number() }),
  refined: z.object({ id: z.string(), amount: z.number() }).refine(({ id }) => id !== "a"),
  throwing: z.object({
    id: z.string().refine((text) => {
      if (text === "bc") throw new Error("no");
      return true;
    }),
  }),
  inherited: z.object({ id: z.string(), constructor: z.string().optional() }),
};

/** What `JSON.parse` and zod make of bytes; null where they refuse them. */
function parse(schema: z.ZodObject, bytes: Uint8Array): { text: string; row: unknown } | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? { text, row: result.data } : null;
  } catch {
    return null;
  }
}

const deliver = (bytes: Uint8Array, asBase64: boolean): DeliveredRecord => ({
  data: bytes,
  ...(asBase64 ? { base64: Buffer.from(bytes).toString("base64") } : {}),
  partitionKey: "",
  sequenceNumber: "1",
  approximateArrivalMs: 0,
});

/** A scanner whose rows are looked at. */
function scannerOf(schema: z.ZodObject) {
  const values = new FieldValues(Object.keys(schema.shape));
  const scanner = new RecordScanner(schema, values);
  return {
    values,
    read: (record: DeliveredRecord) => (scanner.read(record) ? values.row : null),
    learn: (text: string, asBase64 = true) => scanner.learn(deliver(Buffer.from(text), asBase64), text),
  };
}

/** Dates and times that are, that could be, and that are not. */
const twoDigitText = (min: number, max: number) =>
  fc.integer({ min, max }).map((value) => String(value).padStart(2, "0"));
const timeText = fc
  .tuple(
    fc.oneof(
      fc.constantFrom("2024", "2023", "2000", "1900", "0000", "0004", "9999"),
      fc.stringMatching(/^\d{4}$/),
    ),
    twoDigitText(0, 13),
    twoDigitText(0, 32),
    twoDigitText(0, 25),
    twoDigitText(0, 61),
    twoDigitText(0, 61),
    fc.oneof(fc.constantFrom("", "", ".", ".5"), fc.stringMatching(/^\.\d{0,10}$/)),
    fc.constantFrom("Z", "Z", "Z", "z", "", "+02:00", " "),
  )
  .map(([year, month, day, hour, minute, second, fraction, zone]) =>
    JSON.stringify(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`),
  );

/** What filters, aggregations and times read of scanned values is what they read of the row. */
function expectSameFields(scanned: FieldValues, row: Row): void {
  const parsed = new FieldValues(scanned.names);
  parsed.take(row);
  const hash: Hash64 = { high: 0, low: 0 };
  const other: Hash64 = { high: 0, low: 0 };
  scanned.names.forEach((name, field) => {
    const value = row[name];
    const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    const number = scanned.textNumber(field);
    const timeMs = scanned.timestamp(field);
    const same: readonly (readonly [unknown, unknown])[] = [
      [scanned.hash(field, hash), parsed.hash(field, other)],
      [hash.high, other.high],
      [hash.low, other.low],
      [number === NOT_KEPT ? value : scanned.table.text(number), value],
      [
        Number.isNaN(timeMs) ? Number.NaN : timeMs,
        Number.isNaN(timeMs) ? Number.NaN : Date.parse(value as string),
      ],
      [scanned.scalar(field), parsed.scalar(field)],
      [scanned.number(field), parsed.number(field)],
      [scanned.isPresent(field), value !== undefined && value !== null],
      [scanned.passingText(field), parsed.passingText(field)],
      [isScalar && scanned.equals(field, value), isScalar],
      [scanned.equals(field, "a"), value === "a"],
      [scanned.equals(field, 1), value === 1],
    ];
    // An expect of each would take most of the time.
    const place = same.findIndex(([left, right]) => !Object.is(left, right));
    expect(place, `${name}, the pair at`).toBe(-1);
  });
}

const numberText = fc.oneof(
  fc.integer().map(String),
  fc.integer({ min: -99_999, max: 99_999 }).map((hundredths) => String(hundredths / 100)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom("0", "-0", "-0.0", "1e5", "1E+2", "2e-7", "1e400", "-1e400", "5e-324", "1.", ".5", "01"),
  fc.constantFrom("-", "+1", "0x10", "1e", "0.1e1", "9007199254740993", "0.30000000000000004", "NaN"),
  fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,24})?$/),
);
const stringText = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[ -~]{0,20}$/).map((text) => JSON.stringify(text)) },
  { weight: 3, arbitrary: fc.constantFrom('"a"', '"bc"', '""', '"2026-01-05T10:00:00Z"') },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)) },
  { weight: 3, arbitrary: timeText },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"\\u0041"', '"\\"', '"é"', '"\u007f"', '"\t"', '"\\ud800"', '"\\/"'),
  },
);
const otherText = fc.constantFrom(
  "true",
  "false",
  "null",
  "{}",
  "[1]",
  '{"id":"b"}',
  "True",
  "nul",
  "undefined",
);
const anyText = fc.oneof(numberText, stringText, otherText);

/** Values that a schema's field most often takes, so that most records are valid. */
const fitting = new Map<string, fc.Arbitrary<string>>([
  ["id", fc.constantFrom('"a"', '"bc"', '"bc"', '"bc"', '"bc"')],
  ["amount", fc.integer({ min: -9_999, max: 9_999 }).map(String)],
  ["at", fc.constantFrom("17", "-0", "1767614400000")],
  ["when", fc.constantFrom('"2026-01-05T10:00:00.123Z"', '"2026-01-05T10:00:00Z"')],
  ["offset", fc.constantFrom('"2026-01-05T10:00:00.1+02:00"', '"2024-02-29T23:59:59Z"')],
  ["precise", fc.constantFrom('"2026-01-05T10:00:00.123Z"', "null")],
  ["day", fc.constant('"2026-01-05"')],
  ["flag", fc.constant("true")],
  ["odd key", fc.constantFrom('"x"', "-2.50")],
  ["absent", fc.constant('"x"')],
]);
const fittingFor = (name: string) => fitting.get(name) ?? anyText;
const oddKey = fc.constantFrom("__proto__", "i\\u0064", "id", "clé", "toString", "constructor");
const otherKey = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("note", "x.y*", "flag", "") },
  { weight: 1, arbitrary: oddKey },
);

/** Mostly all keys of a schema in any order, among others that it does not have. */
const keysFor = (schema: z.ZodObject): fc.Arbitrary<string[]> => {
  const names = Object.keys(schema.shape);
  return fc
    .tuple(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(names) },
        { weight: 6, arbitrary: fc.shuffledSubarray(names, { minLength: names.length }) },
        { weight: 2, arbitrary: fc.shuffledSubarray(names) },
      ),
      fc.oneof(
        { weight: 2, arbitrary: fc.constant<string[]>([]) },
        { weight: 1, arbitrary: fc.array(otherKey, { maxLength: 3 }) },
      ),
      fc.boolean(),
    )
    .map(([own, others, first]) => (first ? [...others, ...own] : [...own, ...others]));
};
const compact = { open: "{", colon: ":", comma: ",", close: "}" };
const layout = fc.constantFrom(
  compact,
  compact,
  compact,
  compact,
  { open: "{", colon: ": ", comma: ", ", close: "}" },
  { open: " {\n  ", colon: ": ", comma: ",\n  ", close: "\n}\n" },
  { open: "{", colon: " : ", comma: " , ", close: " }" },
  { open: "[{", colon: ":", comma: ",", close: "}]" },
  { open: "{", colon: ":", comma: ",", close: "}}" },
  { open: "{", colon: ":", comma: ",\u00a0", close: "}" },
);

/** Texts that share an order of keys and a layout, as those of one producer do, and differ in their values. */
const recordsFor = (schema: z.ZodObject) =>
  fc.record({ keys: keysFor(schema), layout }).chain(({ keys, layout: { open, colon, comma, close } }) =>
    fc.array(
      fc
        .tuple(
          ...keys.map((name) =>
            fc.oneof({ weight: 15, arbitrary: fittingFor(name) }, { weight: 1, arbitrary: anyText }),
          ),
        )
        .map((values) =>
          Buffer.from(open + values.map((value, i) => `"${keys[i]}"${colon}${value}`).join(comma) + close),
        ),
      { minLength: 3, maxLength: 8 },
    ),
  );

interface Mutation {
  readonly kind: string;
  readonly at: number;
  readonly byte: number;
  readonly length: number;
}

/** Bytes set, put in, taken out, repeated or cut off. */
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("none", "none", "none", "none", "none", "set", "insert", "remove", "repeat", "cut"),
  at: fc.nat(),
  byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('"\\{}:, 0e-.'))),
  length: fc.nat({ max: 12 }),
});

function mutated(bytes: Uint8Array, { kind, at, byte, length }: Mutation): Uint8Array {
  const from = bytes.length === 0 ? 0 : at % bytes.length;
  const before = bytes.subarray(0, from);
  const after = bytes.subarray(from);
  switch (kind) {
    case "set":
      return Buffer.concat([before, [byte], after.subarray(1)].map((part) => Buffer.from(part)));
    case "insert":
      return Buffer.concat([before, [byte], after].map((part) => Buffer.from(part)));
    case "remove":
      return Buffer.concat([before, after.subarray(length)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, length), after]);
    case "cut":
      return before;
    default:
      return bytes;
  }
}

describe("RecordScanner", () => {
  it.each(Object.entries(schemas))("gives what JSON.parse and zod give, or nothing: %s", (name, schema) => {
    let read = 0;
    fc.assert(
      fc.property(
        fc.array(recordsFor(schema), { minLength: 1, maxLength: 6 }),
        fc.array(mutation, { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        (batches, mutations, asBase64) => {
          const scanner = scannerOf(schema);
          batches.flat().forEach((bytes, i) => {
            const delivered = mutated(bytes, mutations[i % mutations.length]!);
            const expected = parse(schema, delivered);
            const row = scanner.read(deliver(delivered, asBase64));
            if (row === null) {
              if (expected !== null) scanner.learn(expected.text, asBase64);
              return;
            }
            read++;
            expect(expected, delivered.toString()).not.toBeNull();
            expect(row).toStrictEqual(expected!.row);
            expect(Object.keys(row)).toEqual(Object.keys(expected!.row as object));
            expectSameFields(scanner.values, expected!.row as Row);
          });
        },
      ),
      { numRuns: 3 * CASES, seed: 20260301 },
    );
    // Schemas that look at more than their own fields are zod's alone; of the others' records the scanner must read many.
    const isZodsAlone = ["strict", "loose", "refined", "inherited"].includes(name);
    if (isZodsAlone) expect(read).toBe(0);
    else expect(read).toBeGreaterThan(1_500);
  });

  it("takes no bytes that are no record", () => {
    const scanner = scannerOf(schemas.plain!);
    scanner.learn('{"id":"a","amount":1,"at":2}');
    expect(scanner.read(deliver(Buffer.from('{"id":"b","amount":-1.5,"at":3}'), true))).toEqual({
      id: "b",
      amount: -1.5,
      at: 3,
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, asBase64) => {
        const row = scanner.read(deliver(bytes, asBase64));
        if (row !== null) expect(row).toStrictEqual(parse(schemas.plain!, bytes)?.row);
      }),
      { numRuns: 3_000 },
    );
    expect(scanner.read({ ...deliver(new Uint8Array(0), false), base64: "not base64!" })).toBeNull();
  });

  it.each([
    '{"id":"a","id":"b","amount":1,"at":2}',
    '{"id":"a","amount":1,"at":2,"__proto__":null}',
    '{"id":"a","amount":1,"at":2,"note":{}}',
    '{"id":"a","amount":1,"at":2,"n\\u006fte":0}',
    `{"id":"a","amount":1,"at":2${Array.from({ length: 300 }, (_, i) => `,"k${i}":0`).join("")}}`,
    `{"id":"${"a".repeat(70_000)}","amount":1,"at":2}`,
  ])("leaves odd shapes alone: %s", (text) => {
    const scanner = scannerOf(schemas.plain!);
    scanner.learn(text);
    expect(scanner.read(deliver(Buffer.from(text), true))).toBeNull();
    expect(scanner.read(deliver(Buffer.from(text), false))).toBeNull();
  });

  it("keeps the shapes of several producers", () => {
    const scanner = scannerOf(schemas.plain!);
    const texts = [
      '{"id":"a","amount":1,"at":2}',
      '{"at":2,"id":"a","amount":1}',
      '{"id": "a", "amount": 1, "at": 2}',
      '{"id":"a","amount":1,"at":2,"more":null}',
    ];
    for (const text of texts) scanner.learn(text);
    for (let round = 0; round < 3; round++) {
      for (const text of texts) {
        expect(scanner.read(deliver(Buffer.from(text), false))).toEqual({ id: "a", amount: 1, at: 2 });
      }
    }
  });

  it("makes way for a new producer once all shapes are taken", () => {
    const scanner = scannerOf(schemas.plain!);
    for (let i = 0; i < 8; i++) scanner.learn(`{"id":"a","amount":1,"at":2,"old${i}":0}`);
    const text = '{"id":"a","amount":1,"at":2,"new":0}';
    const record = deliver(Buffer.from(text), false);
    let handedOver = 0;
    for (; scanner.read(record) === null && handedOver < 1_000; handedOver++) scanner.learn(text);
    expect(handedOver).toBeGreaterThan(1);
    expect(handedOver).toBeLessThan(100);
  });
});

const decimalOf = (text: string) => decimalAt(Buffer.from(text), 0, text.length);

describe("decimalAt", () => {
  it("is the double that JSON.parse makes", () => {
    const text = fc.oneof(
      fc.stringMatching(/^-?(0|[1-9]\d{0,18})(\.\d{1,18})?([eE][+-]?\d{1,3})?$/),
      fc.stringMatching(/^-?(0|[1-9]\d{0,13})(\.\d{1,13})?$/).filter((short) => short.length <= 15),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (number) => {
        expect(decimalOf(number)).toBe(JSON.parse(number));
      }),
      { numRuns: 20_000 },
    );
    for (const number of ["-0", "-0.0", "0", "999999999999999", "0.0000000000001", "99999999999999.9"]) {
      expect(decimalOf(number)).toBe(JSON.parse(number));
    }
  });
});

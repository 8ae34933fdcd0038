import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { dynamoDbApi, dynamoDbPages } from "../aws-pages.ts";
import type { Check } from "../check.ts";
import {
  bytes,
  type Item,
  number,
  type PutExtras,
  put,
  putOutcome,
  standing,
  type TableSubject,
  text,
} from "./table-subject.ts";

const REFUSED = "ConditionalCheckFailedException";

const onAbsence: PutExtras = {
  ConditionExpression: "attribute_not_exists(#0)",
  ExpressionAttributeNames: { "#0": "pk" },
};

/** Every attribute given equals: as the store writes it. */
function onEquality(expected: Item): PutExtras {
  const names = Object.keys(expected);
  return {
    ConditionExpression: names.map((_, i) => `#${i} = :${i}`).join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name, i) => [`:${i}`, expected[name]!])),
  };
}

/** What the exception of a refused put carries. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConditionalCheckFailedException)) return { class: false };
  return { class: true, status: error.$metadata.httpStatusCode, item: error.Item ?? "none" };
}

export const conditionChecks: readonly Check<TableSubject>[] = [
  {
    title: "a put on absence writes once, and what stands stays as it is",
    documented: dynamoDbPages.conditions,
    async observe(subject) {
      const table = await subject.newTable();
      const first = await putOutcome(subject, table, { pk: text("a"), n: number("1") }, onAbsence);
      const second = await putOutcome(subject, table, { pk: text("a"), n: number("2") }, onAbsence);
      return { first, second, stands: await standing(subject, table, "a") };
    },
    expected: { first: "answered", second: REFUSED, stands: { pk: text("a"), n: number("1") } },
  },
  {
    title: "bytes are equal when each is, their number too",
    documented: dynamoDbPages.comparisons,
    async observe(subject) {
      const table = await subject.newTable();
      await put(subject, table, { pk: text("a"), position: bytes(1, 2, 3) });
      const against = (position: Item[string], item: Item = { pk: text("a"), position: bytes(1, 2, 3) }) =>
        putOutcome(subject, table, item, onEquality({ position }));
      return {
        same: await against(bytes(1, 2, 3)),
        other: await against(bytes(1, 2, 4)),
        start: await against(bytes(1, 2)),
        longer: await against(bytes(1, 2, 3, 0)),
        none: await against(bytes()),
        base64AsText: await against(text("AQID")),
        noSuchItem: await against(bytes(1, 2, 3), { pk: text("b"), position: bytes(1, 2, 3) }),
      };
    },
    expected: {
      same: "answered",
      other: REFUSED,
      start: REFUSED,
      longer: REFUSED,
      none: REFUSED,
      base64AsText: REFUSED,
      noSuchItem: REFUSED,
    },
  },
  {
    title: "several equalities must all hold, of any type, and an attribute that is not there equals nothing",
    documented: dynamoDbPages.comparisons,
    async observe(subject) {
      const table = await subject.newTable();
      const item = { pk: text("a"), n: number("12.5"), on: { BOOL: true }, who: text("ü"), b: bytes(0) };
      await put(subject, table, item);
      const against = (expected: Item) => putOutcome(subject, table, item, onEquality(expected));
      return {
        all: await against(item),
        sameNumber: await against({ n: number("1.250e1") }),
        otherNumber: await against({ n: number("12.50001"), who: text("ü") }),
        otherFlag: await against({ n: number("12.5"), on: { BOOL: false } }),
        otherType: await against({ n: text("12.5") }),
        otherText: await against({ who: text("u") }),
        absent: await against({ gone: text("") }),
      };
    },
    expected: {
      all: "answered",
      sameNumber: "answered",
      otherNumber: REFUSED,
      otherFlag: REFUSED,
      otherType: REFUSED,
      otherText: REFUSED,
      absent: REFUSED,
    },
  },
  {
    title: "a refused put answers the item that stands, when ALL_OLD asks for it",
    documented: dynamoDbApi("PutItem"),
    async observe(subject) {
      const table = await subject.newTable();
      await put(subject, table, { pk: text("a"), position: bytes(7), n: number("1") });
      const item = { pk: text("a"), position: bytes(8) };
      const allOld = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
      return refusal(put(subject, table, item, { ...onEquality({ position: bytes(6) }), ...allOld }));
    },
    expected: { class: true, status: 400, item: { pk: text("a"), position: bytes(7), n: number("1") } },
  },
  {
    title: "a refused put answers no item unasked, and none where none stands",
    documented: dynamoDbApi("PutItem"),
    async observe(subject) {
      const table = await subject.newTable();
      await put(subject, table, { pk: text("a") });
      const condition = onEquality({ position: bytes(6) });
      const allOld = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
      return {
        unasked: await refusal(put(subject, table, { pk: text("a") }, condition)),
        noItem: await refusal(put(subject, table, { pk: text("b") }, { ...condition, ...allOld })),
      };
    },
    expected: {
      unasked: { class: true, status: 400, item: "none" },
      noItem: { class: true, status: 400, item: "none" },
    },
  },
  {
    title: "of puts on absence that run side by side one writes",
    documented: dynamoDbPages.conditions,
    async observe(subject) {
      const table = await subject.newTable();
      const writers = Array.from({ length: 20 }, (_, n) => n);
      const outcomes = await Promise.all(
        writers.map((n) => putOutcome(subject, table, { pk: text("a"), n: number(String(n)) }, onAbsence)),
      );
      const winners = writers.filter((n) => outcomes[n] === "answered");
      const stands = await standing(subject, table, "a");
      return {
        winners: winners.length,
        refused: outcomes.filter((one) => one === REFUSED).length,
        winnerStands: stands?.n?.N === String(winners[0]),
      };
    },
    expected: { winners: 1, refused: 19, winnerStands: true },
  },
  {
    title: "placeholders without a meaning or without a use are refused",
    documented: dynamoDbPages.values,
    async observe(subject) {
      const table = await subject.newTable();
      const against = (extras: PutExtras) => putOutcome(subject, table, { pk: text("a") }, extras);
      return {
        noSuchName: await against({ ConditionExpression: "attribute_not_exists(#0)" }),
        noSuchValue: await against({ ConditionExpression: "pk = :0" }),
        unusedName: await against({ ...onAbsence, ExpressionAttributeNames: { "#0": "pk", "#1": "n" } }),
        unusedValue: await against({ ...onAbsence, ExpressionAttributeValues: { ":0": text("a") } }),
        namesAlone: await against({ ExpressionAttributeNames: { "#0": "pk" } }),
        empty: await against({ ConditionExpression: "" }),
        stands: (await standing(subject, table, "a")) ?? "none",
      };
    },
    expected: {
      noSuchName: "ValidationException",
      noSuchValue: "ValidationException",
      unusedName: "ValidationException",
      unusedValue: "ValidationException",
      namesAlone: "ValidationException",
      empty: "ValidationException",
      stands: "none",
    },
  },
];

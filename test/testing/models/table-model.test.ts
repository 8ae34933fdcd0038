import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type PutItemInput,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createTable } from "../../../lib/online/table.ts";
import { asDynamoDBClient } from "../../../lib/testing/models/clients.ts";
import {
  createTableModel,
  type EventualRead,
  type TableModel,
  type VersionsBehind,
} from "../../../lib/testing/models/table-model.ts";

/** What test/conformance cannot ask of every server. */
describe("the table model", () => {
  const table = "freshet";
  let nowMs: number;
  let behind: VersionsBehind;
  let model: TableModel;

  beforeEach(async () => {
    nowMs = 1_700_000_000_000;
    behind = () => 0;
    model = createTableModel({ clock: { now: () => nowMs }, versionsBehind: (read) => behind(read) });
    await createTable(asDynamoDBClient(model.send), table);
  });

  const put = (pk: string, n: number, extras: Partial<PutItemInput> = {}) =>
    model.apply(
      new PutItemCommand({ TableName: table, Item: { pk: { S: pk }, n: { N: String(n) } }, ...extras }),
    );
  const read = (pk: string, ConsistentRead: boolean): string | undefined => {
    const answer = model.apply(
      new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead }),
    );
    if (!answer.ok) throw answer.error;
    return (answer.output as { Item?: { n?: { N: string } } }).Item?.n?.N;
  };

  it("answers an eventually consistent read with the version chosen, a consistent one with the newest", () => {
    const asked: EventualRead[] = [];
    behind = (eventual) => {
      asked.push(eventual);
      return Math.min(2, eventual.supersededMs.length);
    };
    expect(read("a", false)).toBeUndefined();
    put("a", 1);
    expect(read("a", false)).toBeUndefined();
    nowMs += 5;
    put("a", 2);
    put("a", 3);
    expect(read("a", false)).toBe("1");
    expect(read("a", true)).toBe("3");
    expect(asked.at(-1)).toEqual({
      table,
      pk: "a",
      supersededMs: [1_700_000_000_005, 1_700_000_000_005, 1_700_000_000_000],
    });
    behind = () => 9;
    expect(() => read("a", false)).toThrow(RangeError);
  });

  it("lets each key of a batch or a scan be stale by itself", () => {
    put("a", 1);
    put("a", 2);
    put("b", 3);
    put("b", 4);
    behind = ({ pk }) => (pk === "a" ? 1 : 0);
    const batch = model.apply(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: [{ pk: { S: "a" } }, { pk: { S: "b" } }] } },
      }),
    );
    const found = { a: { S: "a" }, one: { N: "1" }, b: { S: "b" }, four: { N: "4" } };
    const expected = [
      { pk: found.a, n: found.one },
      { pk: found.b, n: found.four },
    ];
    expect(batch).toMatchObject({ output: { Responses: { [table]: expect.arrayContaining(expected) } } });
    const scan = model.apply(new ScanCommand({ TableName: table }));
    expect(scan).toMatchObject({ output: { Items: expect.arrayContaining(expected) } });
  });

  it("bills a refused condition by the larger of both items, and a refused request nothing", () => {
    const image = (bytes: number) => ({ pk: { S: "a" }, image: { B: new Uint8Array(bytes) } });
    model.apply(new PutItemCommand({ TableName: table, Item: image(3_000) }));
    expect(model.billed).toEqual({ readUnits: 0, writeUnits: 3 });
    const refused = put("a", 1, { ConditionExpression: "attribute_not_exists(pk)" });
    expect(refused).toMatchObject({ ok: false, error: { name: "ConditionalCheckFailedException" } });
    expect(model.billed.writeUnits).toBe(6);
    model.apply(new PutItemCommand({ TableName: table, Item: image(500_000) }));
    put("a", 1, { ConditionExpression: "pk = :0" });
    expect(model.billed.writeUnits).toBe(6);
    read("a", true);
    read("b", false);
    expect(model.billed.readUnits).toBe(1.5);
  });

  it("keeps what it was given and answers copies: neither side can change the other's bytes", () => {
    const given = Uint8Array.of(1, 2);
    const Item = { pk: { S: "a" }, image: { B: given } };
    model.apply(new PutItemCommand({ TableName: table, Item }));
    given[0] = 9;
    const stored = () => model.items(table).get("a")!.image!.B!;
    expect(stored()).toEqual(Uint8Array.of(1, 2));
    stored()[0] = 9;
    const refusal = put("a", 1, {
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    const { Item: old } = (refusal as unknown as { error: { Item: typeof Item } }).error;
    expect(old.image.B).toEqual(Uint8Array.of(1, 2));
    old.image.B[0] = 9;
    expect(stored()).toEqual(Uint8Array.of(1, 2));
  });

  describe("TTL", () => {
    const nowSeconds = 1_700_000_000;
    const expiring = (pk: string, ttl: number | string) =>
      model.apply(
        new PutItemCommand({
          TableName: table,
          Item: { pk: { S: pk }, ttl: typeof ttl === "number" ? { N: String(ttl) } : { S: ttl } },
        }),
      );
    const turnOn = () =>
      model.apply(
        new UpdateTimeToLiveCommand({
          TableName: table,
          TimeToLiveSpecification: { Enabled: true, AttributeName: "ttl" },
        }),
      );

    it("deletes what has expired, when told so and only then", () => {
      turnOn();
      expiring("past", nowSeconds - 1);
      expiring("now", nowSeconds);
      expiring("text", String(nowSeconds - 1));
      expiring("years ago", nowSeconds - 6 * 365 * 86_400);
      put("none", 1);
      expect(model.expiredKeys(table)).toEqual(["past"]);
      expect(model.items(table).size).toBe(5);
      expect(() => model.deleteExpired(table, "now")).toThrow("has not expired");
      expect(model.deleteExpired(table, "past")).toBe(true);
      expect(model.deleteExpired(table, "past")).toBe(false);
      nowMs += 1_000;
      expect(model.expiredKeys(table)).toEqual(["now"]);
      expect([...model.items(table).keys()].sort()).toEqual(["none", "now", "text", "years ago"]);
    });

    it("leaves what was deleted to eventually consistent reads, and absence to conditions", () => {
      turnOn();
      expiring("a", nowSeconds - 1);
      model.deleteExpired(table, "a");
      behind = () => 1;
      const Key = { pk: { S: "a" } };
      expect(model.apply(new GetItemCommand({ TableName: table, Key }))).toMatchObject({
        output: { Item: Key },
      });
      expect(put("a", 1, { ConditionExpression: "attribute_not_exists(pk)" }).ok).toBe(true);
    });

    it("is off until it is turned on", () => {
      expiring("a", nowSeconds - 1);
      expect(() => model.expiredKeys(table)).toThrow("TTL turned off");
    });
  });

  it("throws for what it does not model, rather than pass it over", () => {
    const Key = { pk: { S: "a" } };
    expect(() => model.apply(new DeleteItemCommand({ TableName: table, Key }))).toThrow("DeleteItemCommand");
    expect(() => put("a", 1, { ReturnValues: "ALL_OLD" })).toThrow("ReturnValues");
    expect(() => put("a", 1, { ReturnConsumedCapacity: "INDEXES" })).toThrow("INDEXES");
    expect(() => put("a", 1, { Item: { pk: { S: "a" }, list: { L: [] } } })).toThrow("type S, N, B and BOOL");
    for (const condition of [
      "n < :0",
      "NOT n = :0",
      "n = :0 OR n = :0",
      "size(n) = :0",
      "n[0] = :0",
      "a.b = :0",
    ]) {
      const values = { ExpressionAttributeValues: { ":0": { N: "1" } } };
      expect(() => put("a", 1, { ConditionExpression: condition, ...values }), condition).toThrow(
        "does not know",
      );
    }
    expect(model.items(table).size).toBe(0);
  });

  it("rejects with the exception of the SDK", async () => {
    await expect(
      model.send(new GetItemCommand({ TableName: "not", Key: { pk: { S: "a" } } })),
    ).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $fault: "client",
      $metadata: { httpStatusCode: 400 },
    });
  });
});

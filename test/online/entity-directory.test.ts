import { describe, expect, it } from "vitest";
import { z } from "zod";
import { source, view } from "../../lib/define/index.ts";
import { createPassingDecoder } from "../../lib/engine/decode.ts";
import { entityKey } from "../../lib/engine/key.ts";
import { planView } from "../../lib/engine/plan.ts";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { EntityDirectory } from "../../lib/online/entity-directory.ts";

const orders = source("orders", {
  schema: z.object({
    id: z.string(),
    shop: z.string(),
    table: z.number(),
    at: z.number(),
  }),
  partitionKey: "shop",
  eventTime: "at",
  eventId: "id",
});
const planOf = (name: string, entity: readonly ("shop" | "table")[]) =>
  planView(
    view(name, {
      version: 1,
      source: orders,
      entity,
      sla: "1m",
      features: (t) => ({ orders: t.count().over("1h") }),
    }),
  );
const shard = { writer: "00000000/shardId-000000000000", hashRange: null };

function record(row: { shop: string; table: number }): DeliveredRecord {
  return {
    data: Buffer.from(JSON.stringify({ id: "1", ...row, at: 1_000 })),
    partitionKey: row.shop,
    sequenceNumber: "1",
    approximateArrivalMs: 1_000,
  };
}

describe("EntityDirectory", () => {
  it.each([
    ["by_shop", ["shop"]],
    ["by_table", ["table"]],
    ["by_shop_and_table", ["shop", "table"]],
    ["by_nothing", []],
  ] as const)("numbers entities by the key that they have: %s", (name, entity) => {
    const plan = planOf(name, entity);
    const { decode, fields } = createPassingDecoder(orders);
    const entities = new EntityDirectory(plan, fields);
    const numbers = new Map<string, number>();
    for (let i = 0; i < 500; i++) {
      const row = { shop: `s${(i * 7) % 13}`, table: [0, -0, 1, 2.5][(i * 5) % 4]! };
      expect(decode(record(row), shard).kind).toBe("event");
      const number = entities.entity();
      const expected = entityKey(
        plan,
        entity.map((field) => row[field]),
      );
      expect(entities.keyOf(number)).toEqual(expected);
      expect(numbers.get(expected.partition) ?? number).toBe(number);
      numbers.set(expected.partition, number);
    }
    expect(new Set(numbers.values()).size).toBe(numbers.size);
    expect(entities.size).toBe(numbers.size);
  });

  it("refuses a record that names no entity, again and again, and takes the next", () => {
    const { decode, fields } = createPassingDecoder(orders);
    const entities = new EntityDirectory(planOf("by_shop", ["shop"]), fields);
    for (let i = 0; i < 3; i++) {
      expect(decode(record({ shop: "\ud800", table: 1 }), shard).kind).toBe("event");
      expect(() => entities.entity()).toThrow(/shop is ill-formed/);
      decode(record({ shop: "s1", table: 1 }), shard);
      expect(entities.entity()).toBe(0);
    }
  });

  it("forgets entities between batches once they are many, and names them anew", () => {
    const plan = planOf("by_shop", ["shop"]);
    const { decode, fields } = createPassingDecoder(orders);
    const entities = new EntityDirectory(plan, fields);
    const numberOf = (shop: string) => {
      decode(record({ shop, table: 1 }), shard);
      return entities.entity();
    };
    for (let i = 0; i < 70_000; i++) expect(numberOf(`shop-${i}`)).toBe(i);
    expect(numberOf("shop-3")).toBe(3);
    entities.trim();
    expect(entities.size).toBe(0);
    expect(numberOf("shop-69999")).toBe(0);
    expect(numberOf("shop-3")).toBe(1);
    expect(entities.keyOf(1)).toEqual(entityKey(plan, ["shop-3"]));
    entities.trim();
    expect(entities.size).toBe(2);
  });
});

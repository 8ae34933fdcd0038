import { expect, it } from "vitest";
import { z } from "zod";
import { source, view } from "../../lib/index.ts";
import { testPipeline } from "../../lib/testing/index.ts";
import * as definitions from "./fixtures/shop.ts";
import { customer, orders } from "./fixtures/shop.ts";

it("says that it takes sources and views themselves where it is given a name, or one for the other", async () => {
  const pipeline = await testPipeline({ definitions });
  const source = "is no source; give the source itself, as the definitions export it.";
  const refused = (message: string) => ({ code: "OPTION_INVALID", message });
  await expect(pipeline.put("orders" as never, [])).rejects.toMatchObject(refused(`"orders" ${source}`));
  await expect(pipeline.putRecords(undefined as never, [])).rejects.toMatchObject(
    refused(`undefined ${source}`),
  );
  await expect(pipeline.history("orders" as never)).rejects.toMatchObject(refused(`"orders" ${source}`));
  await expect(pipeline.late(customer as never)).rejects.toMatchObject({
    code: "OPTION_INVALID",
    message: expect.stringContaining("is no source"),
  });
  await expect(pipeline.counts(orders as never)).rejects.toMatchObject({
    message: expect.stringContaining("is no view; give the view itself"),
  });
  await expect(pipeline.read("customer" as never, {} as never)).rejects.toMatchObject(
    refused('"customer" is no view; give the view itself, as the definitions export it.'),
  );
  await pipeline.close();
});

it("refuses a key that no event can have, in the words of the API", async () => {
  const pipeline = await testPipeline({ definitions });
  await expect(pipeline.read(customer, { customer: 3 as never })).rejects.toMatchObject({
    code: "ENTITY_KEY_INVALID",
    message: "view customer: key customer is 3: Invalid input: expected string, received number",
  });
  const asked = { view: "customer", keys: { customer: 3 } };
  const answer = await pipeline.fetch("/v1/features", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  const { errors } = (await answer.json()) as { errors: { detail: string }[] };
  expect(errors[0]!.detail).toBe("Invalid input: expected string, received number");
  expect((await pipeline.read(customer, { customer: "nobody" })).known).toBe(false);
  await pipeline.close();
});

it("reads by what a field is parsed to, and refuses what it cannot be", async () => {
  const rides = source("rides", {
    schema: z.object({
      driver: z.string().transform(Number).pipe(z.int().positive()),
      zone: z
        .string()
        .transform((zone) => `zone ${zone}`)
        .pipe(z.string()),
      kind: z.union([z.literal("day"), z.int()]),
      at: z.int(),
    }),
    partitionKey: "kind",
    eventTime: "at",
  });
  const all = view("all", {
    version: 1,
    source: rides,
    entity: ["driver", "zone", "kind"],
    sla: "1m",
    features: (t) => ({ n: t.count().over("1h") }),
  });
  const pipeline = await testPipeline({ definitions: { all } });
  const key = { driver: 7, zone: "zone a", kind: "day" as const };
  await pipeline.put(rides, [{ driver: "7", zone: "a", kind: "day", at: Date.parse(pipeline.time()) }]);
  expect((await pipeline.read(all, key)).features.n_1h).toBe(1);
  for (const wrong of [{ driver: -7 }, { driver: "seven" as never }, { kind: "night" as never }]) {
    await expect(pipeline.read(all, { ...key, ...wrong })).rejects.toMatchObject({
      code: "ENTITY_KEY_INVALID",
      message: expect.stringContaining(
        `view all: key ${Object.keys(wrong)[0]} is ${JSON.stringify(Object.values(wrong)[0])}: `,
      ),
    });
  }
  await pipeline.close();
});

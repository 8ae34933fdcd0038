import { expect, it } from "vitest";
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

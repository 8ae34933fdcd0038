import { expect, it } from "vitest";
import { z } from "zod";
import { source } from "../../lib/define/index.ts";

const of = (retention: "25h" | "1470m") => () =>
  source("events", {
    schema: z.object({ id: z.string(), at: z.number() }),
    partitionKey: "id",
    eventTime: "at",
    retention,
  });

it("takes a retention that a stream can have: whole hours, so that code and Kinesis mean the same (R2, R15)", () => {
  expect(of("25h")).not.toThrow();
  expect(of("1470m")).toThrow(/retention is "1470m".*whole hours/);
});

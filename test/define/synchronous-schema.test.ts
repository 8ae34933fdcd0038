import { describe, expect, test } from "vitest";
import { z } from "zod";
import { service, source } from "../../lib/index.ts";

const shape = { card: z.string(), at: z.iso.datetime() };
const asks = async () => true;
const recursive = (): z.ZodType => z.object({ next: z.lazy(recursive).optional() });

const make = (schema: z.ZodObject) =>
  source("events", { schema, partitionKey: "card", eventTime: "at" } as never);

describe("a schema that can only be parsed asynchronously is refused when it is loaded", () => {
  test.each<[string, z.ZodObject, RegExp]>([
    [
      "an async refinement",
      z.object({ ...shape, ip: z.string().refine(asks) }),
      /^source "events": schema\.ip has a refinement that answers a promise; write a plain function/,
    ],
    [
      "a plain function that answers a promise",
      z.object({ ...shape, ip: z.string().refine(() => asks()) }),
      /schema\.ip has a refinement/,
    ],
    [
      "a rejected promise",
      z.object({ ...shape, ip: z.string().refine(() => Promise.reject(new Error("no"))) }),
      /schema\.ip has a refinement/,
    ],
    [
      "superRefine",
      z.object({ ...shape, ip: z.string().superRefine(async () => {}) }),
      /schema\.ip has a refinement/,
    ],
    ["check", z.object({ ...shape, ip: z.string().check(async () => {}) }), /schema\.ip has a refinement/],
    ["z.custom", z.object({ ...shape, ip: z.custom<string>(asks) }), /schema\.ip has a refinement/],
    ["of the whole object", z.object(shape).refine(asks), /^source "events": schema has a refinement/],
    [
      "a transform",
      z.object({ ...shape, n: z.string().transform(async (text) => text.length) }),
      /schema\.n has a transform/,
    ],
    [
      "z.preprocess",
      z.object({ ...shape, n: z.preprocess(async (value) => value, z.number()) }),
      /schema\.n has a transform/,
    ],
    [
      "an overwrite",
      z.object({ ...shape, n: z.string().overwrite((async (text: string) => text) as never) }),
      /schema\.n has an overwrite/,
    ],
    ["z.promise", z.object({ ...shape, n: z.promise(z.number()) }), /schema\.n has z\.promise\(\)/],
    [
      "deep inside",
      z.object({
        ...shape,
        a: z.array(z.object({ b: z.union([z.null(), z.string().refine(asks)]) })).optional(),
      }),
      /schema\.a\.b has a refinement/,
    ],
    [
      "behind z.lazy",
      z.object({ ...shape, a: z.lazy(() => z.string().refine(asks)) }),
      /schema\.a has a refinement/,
    ],
  ])("%s", (_, schema, message) => {
    expect(() => make(schema)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => make(schema)).toThrow(message);
  });

  test("also the request of a service", () => {
    const request = z.object({ ip: z.string(), amount: z.number().refine(asks) });
    expect(() => service("s", { version: 1, views: {}, request, vector: ["request.amount"] })).toThrow(
      /^service "s": request\.amount has a refinement that answers a promise/,
    );
  });

  test("and no other: functions that answer at once, and such as throw on a sample", () => {
    const schema = z.object({
      ...shape,
      even: z.number().refine((value) => value % 2 === 0),
      first: z.string().refine((text) => text[0]!.toUpperCase() === "A"),
      length: z
        .string()
        .trim()
        .transform((text) => text.length),
      tree: z.lazy(recursive),
      list: z.array(z.string()).superRefine((list, context) => {
        if (list.length > 9) context.addIssue("too many");
      }),
    });
    expect(make(schema).schema).toBe(schema);
  });
});

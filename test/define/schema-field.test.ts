import { describe, expect, test } from "vitest";
import { z } from "zod";
import { describeField } from "../../lib/define/schema-field.ts";

const types = (schema: z.ZodType) => [...describeField(schema).types].sort().join(" ");

describe("describeField", () => {
  test.each([
    [z.string().min(3), "string"],
    [z.email(), "string"],
    [z.number().positive(), "number"],
    [z.int(), "number"],
    [z.boolean(), "boolean"],
    [z.enum(["a", "b"]), "string"],
    [z.literal([1, 2]), "number"],
    [z.union([z.string(), z.number()]), "number string"],
    [z.string().transform(Number).pipe(z.number()), "number"],
    [z.string().transform(Number), "unknown"],
    [z.lazy(() => z.string()), "string"],
    [z.string().brand("Card"), "string"],
    [z.string().readonly(), "string"],
    [z.templateLiteral(["a", z.number()]), "string"],
    [z.date(), "other"],
    [z.bigint(), "other"],
    [z.object({}), "other"],
    [z.array(z.string()), "other"],
  ])("tells the types of schema %#", (schema, expected) => {
    expect(types(schema)).toBe(expected);
  });

  test.each([
    [z.string(), false],
    [z.string().optional(), true],
    [z.string().nullable(), true],
    [z.string().nullish(), true],
    [z.string().default("x"), false],
    [z.string().optional().default("x"), false],
    [z.string().nullable().default("x"), true],
    [z.union([z.string(), z.null()]), true],
    [z.nonoptional(z.string().optional()), false],
    [z.literal(["a", null]), true],
  ])("tells whether schema %# may be null", (schema, expected) => {
    expect(describeField(schema).nullable).toBe(expected);
    // The same by zod's own parser: a missing or null value comes out as null or undefined.
    const outputs = [undefined, null]
      .map((value) => schema.safeParse(value))
      .filter(({ success }) => success);
    expect(outputs.some(({ data }) => data === null || data === undefined)).toBe(expected);
  });

  test.each([
    [z.iso.datetime(), true],
    [z.iso.datetime({ offset: true }), true],
    [z.string().datetime(), true],
    [z.iso.datetime({ local: true }), false],
    [z.iso.date(), false],
    [z.string(), false],
    [z.union([z.iso.datetime(), z.string()]), false],
  ])("tells whether schema %# is a time", (schema, expected) => {
    expect(describeField(schema).isDateTime).toBe(expected);
  });

  test.each([
    [z.enum(["b", "a"]), ["b", "a"]],
    [z.enum(["a", "b"]).nullable(), ["a", "b"]],
    [z.literal(["x", "y"]), ["x", "y"]],
    [z.union([z.literal("x"), z.literal("y"), z.null()]), ["x", "y"]],
    [z.union([z.literal("x"), z.string()]), null],
    [z.string(), null],
  ])("lists the values of schema %#", (schema, expected) => {
    expect(describeField(schema).values).toEqual(expected);
  });

  test("takes the numbers of a numeric enum", () => {
    // What TypeScript makes of an enum of numbers: the numbers map back to their names.
    const Level = { Low: 0, High: 1, 0: "Low", 1: "High" } as const;
    expect(describeField(z.enum(Level)).values).toEqual([0, 1]);
  });
});

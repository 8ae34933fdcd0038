import { describe, expect, test } from "vitest";
import { model } from "../../lib/index.ts";
import { checkout } from "./fixtures/fraud.ts";

const valid = { service: checkout, file: "a.onnx", output: "p", onStale: "serve" } as const;

describe("model", () => {
  test("is plain data, of version 1 unless told otherwise", () => {
    expect(model("fraud", valid)).toEqual({
      kind: "model",
      name: "fraud",
      version: 1,
      service: checkout,
      file: "a.onnx",
      output: "p",
      onStale: "serve",
      defaultScore: null,
      fallback: null,
    });
  });

  test("takes a fallback as a model or its name, and a default score of 0", () => {
    const simple = model("simple", { ...valid, onStale: "default", defaultScore: 0 });
    expect(simple.defaultScore).toBe(0);
    expect(model("a", { ...valid, onStale: "fallback", fallback: simple }).fallback).toBe("simple");
    expect(model("a", { ...valid, onStale: "fallback", fallback: "simple" }).fallback).toBe("simple");
  });

  test.each<[string, object, RegExp]>([
    ["no service", { service: undefined }, /service is not what service\(...\) returns/],
    ["no file", { file: "" }, /file is ""; write a name/],
    ["no output", { output: undefined }, /output is undefined/],
    [
      "an unknown policy",
      { onStale: "ignore" },
      /onStale is "ignore"; write "serve", "default", "fallback" or "reject"/,
    ],
    ["default without a score", { onStale: "default" }, /onStale is "default", but there is no defaultScore/],
    [
      "a score that is not finite",
      { onStale: "default", defaultScore: Number.NaN },
      /defaultScore is .*; write a finite number/,
    ],
    [
      "fallback without a model",
      { onStale: "fallback" },
      /onStale is "fallback", but fallback names no model/,
    ],
    ["itself as fallback", { onStale: "fallback", fallback: "m" }, /is its own fallback/],
    ["a version of 0", { version: 0 }, /version is 0/],
  ])("refuses %s", (_, options, message) => {
    const given = { ...valid, ...options } as never;
    expect(() => model("m", given)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => model("m", given)).toThrow(message);
  });
});

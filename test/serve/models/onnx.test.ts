import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Definitions, Model } from "../../../lib/define/types.ts";
import { closeModels, loadModels } from "../../../lib/serve/models/load.ts";
import { onnxMetadata } from "../../../lib/serve/models/onnx-metadata.ts";
import type { ScoringModel } from "../../../lib/serve/models/scoring-model.ts";
import { amountModel, definitions, plain, scoreOf } from "../fixtures/checkout.ts";
import { FIXTURE_MODELS } from "../fixtures/models.ts";
import { encodeOnnx } from "../fixtures/onnx-encoder.ts";

const VALUES = [0.1, -0.2, 0.3, 0.05, 1];
const wasmPath = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
const readWasmBinary = () => readFile(wasmPath);
const readFixture = (file: string) => readFile(new URL(`../fixtures/${file}`, import.meta.url));

function load(models: readonly Model[], readModelFile: (file: string) => Promise<Uint8Array> = readFixture) {
  const only: Definitions = { ...definitions, models };
  return loadModels({ definitions: only, readModelFile, readWasmBinary });
}

describe("the committed fixtures", () => {
  it.each(Object.keys(FIXTURE_MODELS))("%s is what make-models.ts writes", async (file) => {
    expect(new Uint8Array(await readFixture(file))).toEqual(
      new Uint8Array(encodeOnnx(FIXTURE_MODELS[file]!)),
    );
  });
});

describe("a model that fits its service", () => {
  let loaded: ReadonlyMap<string, ScoringModel>;
  beforeAll(async () => {
    loaded = await load([plain, amountModel]);
  });
  afterAll(() => closeModels(loaded));

  it("scores as its formula says, NaN where there is no value", async () => {
    const value = fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constant(Number.NaN));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 5, maxLength: 5 }), async (values) => {
        expect(await loaded.get("plain")!.score(values)).toBeCloseTo(scoreOf(values), 5);
      }),
    );
  });

  it("keeps two models apart", async () => {
    expect(await loaded.get("amount_only")!.score([100])).toBeCloseTo(0.5, 6);
  });

  it("scores many rows at once without mixing them up", async () => {
    const amounts = Array.from({ length: 50 }, (_, index) => index * 10);
    const scores = await Promise.all(amounts.map((amount) => loaded.get("amount_only")!.score([amount])));
    for (const [index, amount] of amounts.entries()) {
      expect(scores[index]).toBeCloseTo(1 / (1 + Math.exp(1 - amount / 100)), 5);
    }
  });
});

describe("many rows", () => {
  const rows = Array.from({ length: 200 }, (_, row) => VALUES.map((value) => value * (row - 100)));

  it.each([
    ["good.onnx", "one-run"],
    ["one-row.onnx", "row-by-row"],
  ])("of %s are scored %s, each as alone", async (file, batching) => {
    const loaded = await load([{ ...plain, file }]);
    const scoring = loaded.get("plain")!;
    expect(scoring.batching).toBe(batching);
    const scores = await scoring.scoreRows(rows);
    expect(scores).toHaveLength(rows.length);
    for (const [index, score] of scores.entries()) expect(score).toBeCloseTo(scoreOf(rows[index]!), 5);
    expect(await scoring.scoreRows([])).toEqual([]);
    await closeModels(loaded);
  });

  it("of a model that answers one number for all of them are scored row by row", async () => {
    const loaded = await load([{ ...plain, file: "one-score.onnx" }]);
    expect(loaded.get("plain")!.batching).toBe("row-by-row");
    expect(await loaded.get("plain")!.scoreRows(rows)).toHaveLength(rows.length);
    await closeModels(loaded);
  });
});

describe("a model that does not fit its service", () => {
  it.each([
    [
      "mixed-rows.onnx",
      /scores a row [\d.]+ alone and [\d.]+ beside 3 others; a score depends on its own row only/,
    ],
    [
      "three-columns.onnx",
      /an input features of float32 \[rows, 3\]; service checkout@3 gives one float32 tensor \[rows, 5\]/,
    ],
    ["three-columns-undeclared.onnx", /fails on a row of 5 features/],
    ["two-inputs.onnx", /has 2 inputs \(features, more\)/],
    ["integer-input.onnx", /an input features of int64 \[rows, 5\]/],
    [
      "other-names.onnx",
      /trained on 5 features, number 1 being card\.txns_1h; .* number 1 being card\.spend_1h/,
    ],
    ["unreadable-names.onnx", /feature_names in its metadata that are not a JSON array/],
    ["zipmap.onnx", /score that is a sequence or map, not a tensor; export the model without ZipMap/],
    ["two-scores.onnx", /an output score of float32 \[rows, 2\]; a score is one number a row/],
    ["no-fixed-size.onnx", /fails on a row of 5 features: .*output score has 5 values for one row/],
    ["not-finite.onnx", /scores (-Infinity|NaN) on a row/],
    ["no-nulls.onnx", /gives no finite score where card\.spend_1h has no value; give it a whenNull/],
  ])("%s is refused", async (file, message) => {
    await expect(load([{ ...plain, file }])).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(message),
    });
    await expect(load([{ ...plain, file }])).rejects.toThrow(`model plain@1 (${file})`);
  });

  it("names the outputs there are where the output does not exist", async () => {
    await expect(load([{ ...plain, output: "probability" }])).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("has no output probability; its outputs are score"),
    });
  });

  it("takes a model that knows no NaN where whenNull stands in", async () => {
    const whenNull = { "card.spend_1h": 0 };
    const service = { ...plain.service, whenNull };
    const loaded = await load([{ ...plain, service, file: "no-nulls.onnx" }]);
    expect(await loaded.get("plain")!.score([1, 2, 3, 4, 5])).toBeCloseTo(scoreOf([1, 2, 3, 4, 5]), 5);
    await closeModels(loaded);
  });

  it("refuses bytes that are no model", async () => {
    const read = async () => new TextEncoder().encode("<html>404</html>");
    await expect(load([plain], read)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("is not an ONNX model"),
    });
    await expect(load([plain], async () => new Uint8Array())).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });

  it("names the file that is not there", async () => {
    await expect(load([{ ...plain, file: "gone.onnx" }])).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("gone.onnx"),
      cause: expect.objectContaining({ code: "ENOENT" }),
    });
  });
});

describe("onnxMetadata", () => {
  it("reads metadata_props and nothing else", async () => {
    expect([...onnxMetadata(await readFixture("good.onnx")).keys()]).toEqual(["feature_names"]);
    expect(onnxMetadata(await readFixture("zipmap.onnx")).size).toBe(0);
  });
});

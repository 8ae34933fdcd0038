import { encodeOnnx } from "../../test/serve/fixtures/onnx-encoder.ts";

/** A logistic regression of so many features, null as zero: a model whose own time is small beside its runtime's. */
export function logisticModel(names: readonly string[]): Uint8Array {
  const width = names.length;
  return encodeOnnx({
    inputs: [{ name: "features", type: "float", shape: ["rows", width] }],
    outputs: [{ name: "score", type: "float", shape: ["rows", 1] }],
    nodes: [
      { op: "IsNaN", inputs: ["features"], outputs: ["absent"] },
      { op: "Where", inputs: ["absent", "zero", "features"], outputs: ["present"] },
      { op: "MatMul", inputs: ["present", "w"], outputs: ["product"] },
      { op: "Add", inputs: ["product", "b"], outputs: ["logit"] },
      { op: "Sigmoid", inputs: ["logit"], outputs: ["score"] },
    ],
    weights: {
      w: { shape: [width, 1], values: names.map((_, index) => ((index % 7) - 3) / 10_000) },
      b: { shape: [1], values: [-1] },
      zero: { shape: [1], values: [0] },
    },
    metadata: { feature_names: JSON.stringify(names) },
  });
}

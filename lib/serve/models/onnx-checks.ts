import type { InferenceSession } from "onnxruntime-web/wasm";
import { FreshetError } from "../../define/error.ts";
import type { Model } from "../../define/types.ts";
import type { ScoringModel } from "./scoring-model.ts";

// How the runtime shows a dimension of unknown size that has no name: -1 as an unsigned 32-bit number.
const UNKNOWN_DIMENSION = 0xffff_ffff;
const SCORE_TYPES: readonly string[] = ["float32", "float64", "int32", "int64"];

/** How far a row's score in a batch may lie from its score alone, relative to it: what float32 rounds in another order. */
const BATCH_TOLERANCE = 1e-4;

/** Scores rows in one run of the model. */
export type RunModel = (rows: readonly (readonly number[])[]) => Promise<readonly number[]>;

/** Scores one row. */
export type ScoreRow = (values: readonly number[]) => Promise<number>;

/** The error of a model file that does not fit. */
export function refuseModel(model: Model, problem: string, cause?: unknown): FreshetError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new FreshetError(
    "MODEL_INVALID",
    `model ${model.name}@${model.version} (${model.file}) ${problem}${reason}.`,
    cause === undefined ? {} : { cause },
  );
}

/** The name of the one input, which must be a float32 tensor `[rows, features]`. */
export function checkInput(model: Model, inputs: readonly InferenceSession.ValueMetadata[]): string {
  const width = model.service.vector.length;
  const needed = `service ${model.service.name}@${model.service.version} gives one float32 tensor [rows, ${width}]`;
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) {
    throw refuseModel(
      model,
      `has ${inputs.length} inputs (${inputs.map((each) => each.name).join(", ")}); ${needed}`,
    );
  }
  if (!input.isTensor || input.type !== "float32") {
    throw refuseModel(model, `has an input ${input.name} of ${describe(input)}; ${needed}`);
  }
  // An input without a declared rank shows no dimensions; the probe run decides then.
  if (input.shape.length === 0) return input.name;
  const [rows, columns] = input.shape;
  const fits = input.shape.length === 2 && accepts(rows!, 1) && accepts(columns!, width);
  if (!fits) throw refuseModel(model, `has an input ${input.name} of ${describe(input)}; ${needed}`);
  return input.name;
}

/** The output that holds the score must exist and be a tensor of numbers. */
export function checkOutput(model: Model, outputs: readonly InferenceSession.ValueMetadata[]): void {
  const output = outputs.find((each) => each.name === model.output);
  if (output === undefined) {
    throw refuseModel(
      model,
      `has no output ${model.output}; its outputs are ${outputs.map((each) => each.name).join(", ")}`,
    );
  }
  if (!output.isTensor) {
    throw refuseModel(
      model,
      `has an output ${output.name} that is a sequence or map, not a tensor; export the model without ZipMap`,
    );
  }
  const [rows, columns, ...more] = output.shape;
  const scalar =
    more.length === 0 &&
    (rows === undefined || accepts(rows, 1)) &&
    (columns === undefined || accepts(columns, 1));
  if (!SCORE_TYPES.includes(output.type) || !scalar) {
    throw refuseModel(
      model,
      `has an output ${output.name} of ${describe(output)}; a score is one number a row`,
    );
  }
}

/** Feature names in the file's metadata must be the vector's, in its order. */
export function checkFeatureNames(model: Model, metadata: string | undefined): void {
  if (metadata === undefined) return;
  const names = parseNames(metadata);
  if (names === null) {
    throw refuseModel(model, "has feature_names in its metadata that are not a JSON array of texts");
  }
  const { vector, name, version } = model.service;
  const place = Array.from({ length: Math.max(names.length, vector.length) }).findIndex(
    (_, i) => names[i] !== vector[i],
  );
  if (place < 0) return;
  throw refuseModel(
    model,
    `was trained on ${names.length} features, number ${place + 1} being ${names[place] ?? "none"}; service ${name}@${version} has ${vector.length}, number ${place + 1} being ${vector[place] ?? "none"}`,
  );
}

/** The model must run on plausible rows and answer one finite number for each. */
export async function checkProbe(model: Model, scoreRow: ScoreRow): Promise<void> {
  const width = model.service.vector.length;
  for (const row of probeRows(width)) {
    let score: number;
    try {
      score = await scoreRow(row);
    } catch (cause) {
      throw refuseModel(model, `fails on a row of ${width} features`, cause);
    }
    if (!Number.isFinite(score)) {
      throw refuseModel(
        model,
        `scores ${score} on a row of ${width} finite features; a score is a finite number`,
      );
    }
  }
}

/** Where an entry can be null and the service gives no default, the model must take NaN there. */
export async function checkNulls(
  model: Model,
  scoreRow: ScoreRow,
  nullable: readonly string[],
): Promise<void> {
  const { vector, whenNull, name, version } = model.service;
  const base = vector.map(() => 1);
  const refused: string[] = [];
  for (const entry of nullable) {
    if (whenNull[entry] !== undefined) continue;
    const row = base.map((value, index) => (vector[index] === entry ? Number.NaN : value));
    if (!Number.isFinite(await scoreRow(row))) refused.push(entry);
  }
  if (refused.length === 0) return;
  throw refuseModel(
    model,
    `gives no finite score where ${refused.join(", ")} has no value; give ${refused.length > 1 ? "them" : "it"} a whenNull in service ${name}@${version}`,
  );
}

/**
 * Whether the model scores many rows in one run: not where its file fixes the rows at 1, or where a run of several
 * fails. One whose rows change each other's scores is refused.
 */
export async function batchingOf(
  model: Model,
  inputs: readonly InferenceSession.ValueMetadata[],
  run: RunModel,
): Promise<ScoringModel["batching"]> {
  const [input] = inputs;
  if (input?.isTensor && input.shape[0] === 1) return "row-by-row";
  const rows = probeRows(model.service.vector.length);
  let together: readonly number[];
  try {
    together = await run(rows);
  } catch {
    return "row-by-row";
  }
  for (const [index, row] of rows.entries()) {
    const [alone] = await run([row]);
    const difference = Math.abs(together[index]! - alone!);
    if (difference <= BATCH_TOLERANCE * Math.max(1, Math.abs(alone!))) continue;
    throw refuseModel(
      model,
      `scores a row ${alone} alone and ${together[index]} beside ${rows.length - 1} others; a score depends on its own row only`,
    );
  }
  return "one-run";
}

/** Rows of zeros, of ones, and of unlike values of both signs. */
function probeRows(width: number): readonly (readonly number[])[] {
  const columns = Array.from({ length: width }, (_, index) => index);
  return [
    columns.map(() => 0),
    columns.map(() => 1),
    columns.map((index) => (index % 2 === 0 ? 1 : -1) * (0.5 + (index % 7))),
    columns.map((index) => 10 ** (index % 4)),
  ];
}

function parseNames(metadata: string): readonly string[] | null {
  try {
    const names: unknown = JSON.parse(metadata);
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : null;
  } catch {
    return null;
  }
}

function accepts(dimension: number | string, size: number): boolean {
  return typeof dimension === "string" || dimension === UNKNOWN_DIMENSION || dimension === size;
}

function describe(value: InferenceSession.ValueMetadata): string {
  if (!value.isTensor) return "a sequence or map";
  return `${value.type} [${value.shape.map((size) => (size === UNKNOWN_DIMENSION ? "?" : size)).join(", ")}]`;
}

import { createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";

/** A part of the rows: what the models learn from, what tells when to stop, what they are judged by. */
export type MatrixPart = "train" | "validation" | "evaluation";

export const MATRIX_PARTS: readonly MatrixPart[] = ["train", "validation", "evaluation"];

/** Writes rows of features and labels as train.py reads them: raw float32, as a model's input is in serving. */
export interface MatrixWriter {
  add(part: MatrixPart, vector: readonly number[], late: boolean): void;
  /** Resolves once what was added is on disk. Call it now and then: rows wait in memory until it is. */
  flush(): Promise<void>;
  /** Writes the description and answers the number of rows of each part. */
  finish(
    columns: readonly string[],
    baselineColumns: readonly string[],
  ): Promise<Readonly<Record<MatrixPart, number>>>;
}

/** Starts a matrix in an empty folder. */
export function writeMatrix(folder: string): MatrixWriter {
  const parts = MATRIX_PARTS.map((part) => ({
    part,
    features: createWriteStream(join(folder, `${part}.x.f32`)),
    labels: createWriteStream(join(folder, `${part}.y.f32`)),
    vectors: [] as number[],
    late: [] as number[],
    rows: 0,
  }));
  const flush = async (): Promise<void> => {
    for (const each of parts) {
      await write(each.features, each.vectors);
      await write(each.labels, each.late);
      each.vectors = [];
      each.late = [];
    }
  };
  return {
    add: (part, vector, late) => {
      const to = parts.find((each) => each.part === part)!;
      for (const value of vector) to.vectors.push(value);
      to.late.push(late ? 1 : 0);
      to.rows += 1;
    },
    flush,
    finish: async (columns, baselineColumns) => {
      await flush();
      for (const { features, labels } of parts) {
        features.end();
        labels.end();
        await Promise.all([finished(features), finished(labels)]);
      }
      const rows = Object.fromEntries(parts.map((each) => [each.part, each.rows])) as Record<
        MatrixPart,
        number
      >;
      await writeFile(join(folder, "matrix.json"), JSON.stringify({ columns, baselineColumns, rows }));
      return rows;
    },
  };
}

function write(stream: NodeJS.WritableStream, values: readonly number[]): Promise<void> {
  const floats = Float32Array.from(values);
  return new Promise((resolve, reject) => {
    stream.write(new Uint8Array(floats.buffer), (error) => (error ? reject(error) : resolve()));
  });
}

/** Reads a file of raw float32 back. */
export async function readFloats(file: string): Promise<Float32Array> {
  const bytes = await readFile(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

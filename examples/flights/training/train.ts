import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { scoreQuality } from "../check/score.ts";
import { atDeparture, atSchedule } from "../definitions.ts";
import { deliverOnTime } from "../deliver/deliver-events.ts";
import { loadEvents } from "../events.ts";
import { DAY_MS, FILE_RANGE, type Flight } from "../flights.ts";
import { baselineVector, exampleFolder, loadFlightModels } from "../scoring.ts";
import { startSweep } from "../sweep.ts";
import { type MatrixPart, readFloats, writeMatrix } from "./matrix.ts";

// usage: npx tsx examples/flights/training/train.ts [PYTHON] [--ablation]
// Makes model.onnx, baseline.onnx and training/metrics.json from the raw file; takes some minutes and 2 GB of memory.
// With --ablation training/ablation.json too: what the model loses without some of its features.

/** The first day has no history, and is left out. */
const TRAIN_FROM_MS = FILE_RANGE.fromMs + DAY_MS;
const VALIDATION_FROM_MS = Date.UTC(2001, 3, 16);
const EVALUATION_FROM_MS = Date.UTC(2001, 3, 30);
/** One departure in two is enough to learn from. */
const TRAIN_EVERY = 2;

function partOf({ scheduledMs, row }: Flight): MatrixPart | null {
  if (scheduledMs >= EVALUATION_FROM_MS) return "evaluation";
  if (scheduledMs >= VALIDATION_FROM_MS) return "validation";
  return scheduledMs >= TRAIN_FROM_MS && row % TRAIN_EVERY === 0 ? "train" : null;
}

async function sweepFile(folder: string): Promise<Readonly<Record<MatrixPart, number>>> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const matrix = writeMatrix(folder);
  const sweep = startSweep();
  const stepMs = DAY_MS;
  for (let fromMs = FILE_RANGE.fromMs; fromMs < FILE_RANGE.endMs; fromMs += stepMs) {
    const events = await loadEvents(connection, {
      fromMs,
      endMs: Math.min(fromMs + stepMs, FILE_RANGE.endMs),
    });
    // All is folded, and what no part takes is not read.
    const taken = events.departures.filter(({ flight }) => partOf(flight) !== null);
    sweep.advance(
      { ...events, departures: taken },
      (flight, vector) => matrix.add(partOf(flight)!, vector, flight.delay > 15),
      deliverOnTime(events, FILE_RANGE),
    );
    await matrix.flush();
    if (new Date(fromMs).getUTCDay() === 1)
      console.log(`swept to ${new Date(fromMs).toISOString().slice(0, 10)}`);
  }
  connection.closeSync();
  instance.closeSync();
  return matrix.finish(atDeparture.vector, atSchedule.vector);
}

function runPython(python: string, name: "train.py" | "ablate.py", folder: string): Promise<void> {
  const script = join(exampleFolder, "training", name);
  return new Promise((resolve, reject) => {
    spawn(python, [script, folder], { stdio: "inherit" })
      .on("error", reject)
      .on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
}

/** Scores the evaluation weeks as serving does, and holds the files to what the trainer says they should score. */
async function evaluate(folder: string): Promise<Record<string, unknown>> {
  const models = await loadFlightModels(pathToFileURL(`${folder}/`));
  const width = atDeparture.vector.length;
  const features = await readFloats(join(folder, "evaluation.x.f32"));
  const labels = await readFloats(join(folder, "evaluation.y.f32"));
  const result: Record<string, unknown> = { rows: labels.length };
  for (const name of ["model", "baseline"] as const) {
    const expected = await readFloats(join(folder, `${name}.scores.f32`));
    const scores = new Float64Array(labels.length);
    let worst = 0;
    for (let row = 0; row < labels.length; row += 1) {
      const vector = Array.from(features.subarray(row * width, (row + 1) * width));
      scores[row] = await models[name].score(name === "model" ? vector : baselineVector(vector));
      worst = Math.max(worst, Math.abs(scores[row]! - expected[row]!));
    }
    if (!(worst < 1e-4)) throw new Error(`${name}.onnx scores up to ${worst} beside what was trained`);
    const { auc, logLoss } = scoreQuality(scores, labels);
    result[name] = { auc, logLoss, worstDifferenceToTrainer: worst };
  }
  await Promise.all([models.model.close(), models.baseline.close()]);
  return result;
}

const { values: options, positionals } = parseArgs({
  options: { ablation: { type: "boolean", default: false } },
  allowPositionals: true,
});
const python = positionals[0] ?? "python3";
const folder = await mkdtemp(join(tmpdir(), "flights-training-"));
try {
  const rows = await sweepFile(folder);
  await runPython(python, "train.py", folder);
  const evaluation = await evaluate(folder);
  for (const file of ["model.onnx", "baseline.onnx"])
    await copyFile(join(folder, file), join(exampleFolder, file));
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const metrics = {
    train: { from: day(TRAIN_FROM_MS), to: day(VALIDATION_FROM_MS), rows: rows.train },
    validation: { from: day(VALIDATION_FROM_MS), to: day(EVALUATION_FROM_MS), rows: rows.validation },
    evaluation: { from: day(EVALUATION_FROM_MS), to: day(FILE_RANGE.endMs), ...evaluation },
  };
  await writeFile(join(exampleFolder, "training", "metrics.json"), `${JSON.stringify(metrics, null, 2)}\n`);
  console.log(JSON.stringify(metrics, null, 2));
  if (options.ablation) {
    await runPython(python, "ablate.py", folder);
    await copyFile(join(folder, "ablation.json"), join(exampleFolder, "training", "ablation.json"));
  }
} finally {
  await rm(folder, { recursive: true });
}

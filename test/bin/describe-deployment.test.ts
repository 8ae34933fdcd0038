import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { describeDeployment } from "../../lib/bundle/describe-deployment.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-describe-"));
  vi.stubEnv("CI", "false");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const definitions = (model: string) => `
  import { model, service, source, view } from "freshet-kit";
  import { z } from "zod";
  const schema = z.object({ id: z.string(), card: z.string(), amount: z.number(), Amount: z.number(), at: z.iso.datetime() });
  export const events = source("events", { schema, partitionKey: "card", eventTime: "at", eventId: "id" });
  export const card = view("card", { version: 1, source: events, entity: "card", sla: "1s", features: (t) => ({ spend: t.sum("amount").over("1h") }) });
  export const checkout = service("checkout", { version: 1, views: { card }, vector: ["card.spend_1h"] });
  ${model}`;

it("tells synthesis nothing of what its own settings decide: a history that is JSON, a shorter window", async () => {
  const file = join(folder, "fraud.ts");
  await writeFile(file, definitions(""));
  const { problems, sources } = describeDeployment(file);
  expect(problems.filter(({ text }) => /history|SLA/.test(text))).toEqual([]);
  // Refused only where history is Parquet.
  expect(sources[0]!.historyColumns).toMatch(/"amount" and "Amount" are one column/);
});

it("refuses a model's file outside the definitions' folder, at the model's place", async () => {
  const file = join(folder, "fraud.ts");
  await writeFile(
    file,
    definitions(
      `export const risk = model("risk", { version: 1, service: checkout, file: "../risk.onnx", output: "score", onStale: "reject" });`,
    ),
  );
  expect(() => describeDeployment(file)).toThrow(
    /fraud\.ts:8:\d+\n +model file \.\.\/risk\.onnx: .*must lie in the definitions' folder or below/,
  );
});

import { PutItemCommand, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDynaliteSubject, startTableModel } from "../servers/table-servers.ts";
import { itemOfBytes, type TableSubject } from "../table/table-subject.ts";
import { tableSteps, takeStep } from "./table-commands.ts";

/** On a busy machine, and with more cases. */
const TIMEOUT_MS = 600_000;
const CASES = Number(process.env.FRESHET_CASES ?? 200);
const SCANS = 20;

describe("the table model and dynalite", () => {
  let model: TableSubject;
  let dynalite: TableSubject;
  beforeAll(async () => {
    model = await startTableModel();
    dynalite = await startDynaliteSubject();
  });
  afterAll(() => dynalite.stop());

  it("answer any sequence of puts and reads alike", { timeout: TIMEOUT_MS }, async () => {
    const tables = { model: await model.newTable(), dynalite: await dynalite.newTable() };
    const seen = new Map<string, number>();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(tableSteps, async (steps) => {
        const run = runs++;
        for (const step of steps) {
          const [ours, theirs] = await Promise.all([
            takeStep(model.client, { table: tables.model, run, step }),
            takeStep(dynalite.client, { table: tables.dynalite, run, step }),
          ]);
          expect(ours).toEqual(theirs);
          const kind = `${step.kind} ${typeof ours === "string" ? ours : "answered"}`;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
      }),
      { numRuns: CASES, seed: 20_261_121 },
    );
    // Sequences that all fail, or none of whose conditions does, would show nothing.
    for (const kind of [
      "put answered",
      "put ConditionalCheckFailedException",
      "put ValidationException",
      "get answered",
      "batch answered",
      "batch ValidationException",
    ]) {
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(CASES / 10);
    }
  });

  it("page a scan alike", async () => {
    // Less than 1 MB in all: beyond it the order, which is the server's own, decides what finds room in a page.
    const sizes = fc.array(fc.integer({ min: 20, max: 120_000 }), { maxLength: 8 });
    const limits = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(sizes, limits, async (bytes, limit) => {
        const [ours, theirs] = await Promise.all(
          [model, dynalite].map((subject) => scanned(subject, bytes, limit)),
        );
        expect(ours).toEqual(theirs);
      }),
      { numRuns: SCANS, seed: 20_261_121 },
    );
  });
});

/** A table of items of some sizes, scanned to its end. */
async function scanned(
  { client, newTable }: TableSubject,
  bytes: readonly number[],
  limit: number | undefined,
) {
  const TableName = await newTable();
  for (const [index, size] of bytes.entries()) {
    await client.send(new PutItemCommand({ TableName, Item: itemOfBytes(String(index), size) }));
  }
  const pages: ScanCommandOutput[] = [];
  let start: ScanCommandOutput["LastEvaluatedKey"];
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName,
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    pages.push(page);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return {
    counts: pages.map(({ Count }) => Count),
    found: pages
      .flatMap(({ Items = [] }) => Items.map(({ pk, b }) => `${pk!.S}: ${b!.B!.byteLength}`))
      .sort(),
  };
}

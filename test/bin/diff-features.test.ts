import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DefinitionsDifference } from "../../bin/diff/diff-definitions.ts";
import { run } from "./run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-diff-features-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function definitions(features: string): string {
  return `import { gt, source, view } from "freshet-kit";
import { z } from "zod";
export const payments = source("payments", {
  schema: z.object({
    id: z.string(), card: z.string(), shop: z.string(), city: z.string(), amount: z.number(), at: z.iso.datetime(),
  }),
  partitionKey: "card", eventTime: "at", eventId: "id",
});
export const card = view("card", {
  version: 1, source: payments, entity: "card", sla: "2m",
  features: (t) => ({ ${features} }),
});
`;
}

async function diff(before: string, after: string) {
  const [from, to] = [join(folder, "old.ts"), join(folder, "new.ts")];
  await writeFile(from, definitions(before));
  await writeFile(to, definitions(after));
  const json = await run("diff", from, to, "--json");
  expect(json.errors).toBe("");
  const difference = JSON.parse(json.printed) as DefinitionsDifference;
  const view = difference.views[0]!;
  const features = Object.fromEntries(
    view.features.map(({ name, change, isFromExistingState }) => [name, [change, isFromExistingState]]),
  );
  const { printed } = await run("diff", from, to);
  return { difference, view, features, printed };
}

describe("freshet diff of features", () => {
  test("by another field is another feature, whose state is kept only where a column is by that field", async () => {
    const { view, features, difference, printed } = await diff(
      't: t.count({ by: "city" }).over("1h"), n: t.sum("amount", { by: "shop" }).over("1h"), u: t.count({ by: "shop" }).over("1h")',
      't: t.count({ by: "city" }).over("1h"), n: t.sum("amount", { by: "city" }).over("1h"), u: t.count({ by: "city" }).over("1h")',
    );
    expect(features).toEqual({
      t_1h: ["same", true],
      n_1h: ["changed", false],
      u_1h: ["changed", true],
    });
    expect(view).toMatchObject({ verdict: "new version needed" });
    expect(difference.needsCare).toBe(true);
    expect(printed).toMatch(
      /^ {2}~ +n_1h: sum by city \(32 keys\) of amount, last 1h by 5m \(not in what is kept\)$/m,
    );
  });

  test("another number of keys is another feature", async () => {
    const { features } = await diff(
      'n: t.count({ by: "shop" }).over("1h")',
      'n: t.count({ by: "shop", maxKeys: 31 }).over("1h")',
    );
    expect(features).toEqual({ n_1h: ["changed", false] });
  });

  test("lists as defaults and features by key are the same where they say the same", async () => {
    const text =
      'n: t.sum("amount", { by: "shop" }).over("1h"), top: t.topK("amount", { k: 2, default: [] }).over("1h"), low: t.bottomK("amount", { k: 2, default: [1, 2] }).over("1h")';
    const { view, features } = await diff(text, text);
    expect(view.verdict).toBe("same");
    expect(features).toEqual({ n_1h: ["same", true], top_1h: ["same", true], low_1h: ["same", true] });
    const other = await diff(text, text.replace("[1, 2]", "[2, 1]"));
    expect(other.view.verdict).toBe("changed");
    expect(other.features).toEqual({
      n_1h: ["same", true],
      top_1h: ["same", true],
      low_1h: ["other default", true],
    });
    expect(other.printed).toMatch(/^ {2}~ +low_1h: .*, \[2,1\] when empty$/m);
    expect(other.difference.needsCare).toBe(false);
  });
});

import { describe, expect, test } from "vitest";
import { diffModules } from "./diff-modules.ts";

function definitions(features: string): string {
  return `import { gt, source, view } from "freshet-kit";
import { z } from "zod";
export const payments = source("payments", {
  schema: z.object({
    id: z.string(), other: z.string(), card: z.string(), shop: z.string(), city: z.string(), amount: z.number(),
    at: z.iso.datetime(), seen: z.iso.datetime(),
  }),
  partitionKey: "card", eventTime: "at", eventId: "id",
});
export const card = view("card", {
  version: 1, source: payments, entity: "card", sla: "2m",
  features: (t) => ({ ${features} }),
});
`;
}

function diff(before: string, after: string) {
  return diffModules(definitions(before), definitions(after));
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

  test("a feature of the same name over other tiles, of other settings, or of another aggregation is another", async () => {
    const { features } = await diff(
      'a: t.count().over("1h"), b: t.approxPercentile("amount", { p: 0.5 }).over("1h"), c: t.variance("amount").over("1h"), d: t.count().tumbling("1h")',
      'a: t.count().over("1h", { hop: "1m" }), b: t.approxPercentile("amount", { p: 0.9 }).over("1h"), c: t.stddev("amount").over("1h"), d: t.count().tumbling("1h")',
    );
    expect(features).toEqual({
      a_1h: ["changed", false],
      b_1h: ["changed", true],
      c_1h: ["changed", true],
      d_tumbling_1h: ["same", true],
      d_tumbling_1h_current: ["same", true],
    });
  });

  test("windows are computed from tiles of their own length that are kept as long, and sessions from their like", async () => {
    const before =
      'kept: t.sum("amount").over("1h", { hop: "5m" }), visit: t.count().session({ gap: "30m", max: "12h" })';
    const { features } = await diff(
      before,
      `${before}, finer: t.sum("amount").over("1h", { hop: "1m" }), coarser: t.sum("amount").over("1h", { hop: "10m" }),
      longer: t.sum("amount").over("2h", { hop: "5m" }), shorter: t.sum("amount").over("30m", { hop: "5m" }),
      ever: t.sum("amount").lifetime(), capped: t.count().session({ gap: "30m", max: "6h" }),
      other: t.sum("amount").session({ gap: "30m", max: "12h" })`,
    );
    expect(features).toEqual({
      kept_1h: ["same", true],
      visit_session_30m_12h: ["same", true],
      finer_1h: ["added", false],
      coarser_1h: ["added", false],
      longer_2h: ["added", false],
      shorter_30m: ["added", true],
      ever_lifetime: ["added", false],
      capped_session_30m_6h: ["added", false],
      other_session_30m_12h: ["added", false],
    });
    // A mean is of two columns; of a value that is never null, one is the count of events.
    const mean = 'm: t.mean("amount").lifetime()';
    const [count, sum] = ["n: t.count().lifetime()", 's: t.sum("amount").lifetime()'];
    expect((await diff(sum, `${sum}, ${mean}`)).features).toMatchObject({ m_lifetime: ["added", false] });
    expect((await diff(`${sum}, ${count}`, `${sum}, ${count}, ${mean}`)).features).toMatchObject({
      m_lifetime: ["added", true],
    });
  });

  test.each([
    ["source", 'source("payments"', 'source("orders"'],
    ["partitionKey", 'partitionKey: "card"', 'partitionKey: "shop"'],
    ["eventTime", 'eventTime: "at"', 'eventTime: "seen"'],
    ["eventId", 'eventId: "id"', 'eventId: "other"'],
    ["arrivalTime", 'eventId: "id"', 'eventId: "id", arrivalTime: "seen"'],
    ["maxFutureSkewMs", 'eventId: "id"', 'eventId: "id", maxFutureSkew: "7m"'],
    ["clockSkewMs", 'eventId: "id"', 'eventId: "id", clockSkew: "7s"'],
    ["entity", 'entity: "card"', 'entity: ["card", "shop"]'],
    ["where", 'sla: "2m"', 'sla: "2m", where: { shop: "s" }'],
    ["allowedLatenessMs", 'sla: "2m"', 'sla: "2m", allowedLateness: "2h"'],
    ["schema", "card: z.string()", "card: z.string().trim()"],
    ["schema", "  }),", "  }).overwrite((row) => ({ ...row, card: row.card.trim() })),"],
  ])("another %s keeps other events: nothing is computed from what is kept (%#)", async (part, was, is) => {
    const before = definitions('n: t.count().over("1h")');
    expect(before).toContain(was);
    const { view, features } = await diffModules(before, before.replace(was, is));
    expect(view.keeps).toContain(part);
    expect(features).toEqual({ n_1h: ["same", false] });
    const skewMs = (part === "maxFutureSkewMs" ? 7 : 5) * 60_000;
    expect(view).toMatchObject({ verdict: "new version needed", warmingMs: 3_600_000 + 300_000 + skewMs });
  });

  test("how many ids are kept, and fields that no feature uses, say nothing of which events are", async () => {
    const before = definitions('n: t.count().over("1h")');
    const ids = await diffModules(before, before.replace('sla: "2m"', 'sla: "2m", dedup: { count: 9 }'));
    expect(ids.view).toMatchObject({ verdict: "new version needed", keeps: ["dedup"] });
    expect(ids.features).toEqual({ n_1h: ["same", true] });
    const unused = await diffModules(before, before.replace("city: z.string()", "city: z.string().trim()"));
    expect(unused.view.verdict).toBe("same");
  });

  test("what an item costs is told beside what it was only where that has changed", async () => {
    const { printed } = await diff(
      'n: t.count().over("1h")',
      'n: t.count().over("1h"), s: t.sum("amount").over("1h")',
    );
    expect(printed).toMatch(/^ {2}item +at most .* \(was at most .*\)$/m);
    expect(printed).toMatch(/^ {2}a read +\d[^(]*$/m);
  });
});

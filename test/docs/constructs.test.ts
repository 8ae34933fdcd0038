import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BUCKET_PREFIXES } from "../../lib/constructs/data-bucket.ts";
import { heartbeatPlan } from "../../lib/constructs/index.ts";
import packageJson from "../../package.json" with { type: "json" };
import { codeBlocks, commandsOf, ROOT } from "./code-blocks.ts";

const page = "docs/constructs.md";
const markdown = await readFile(join(ROOT, page), "utf8");

describe(page, () => {
  it("runs what CI runs", async () => {
    const commands = codeBlocks(page, markdown)
      .filter(({ language }) => language === "sh")
      .flatMap(commandsOf);
    expect(commands).toEqual(["npm run synth"]);
    expect(packageJson.scripts).toHaveProperty("synth");
    expect(await readFile(join(ROOT, ".ci/check-template"), "utf8")).toContain("npm run --silent synth");
    expect(await readFile(join(ROOT, ".ci/run"), "utf8")).toContain(".ci/check-template");
  });

  it("tells what heartbeats take as they are planned", () => {
    const rows = [...markdown.matchAll(/^\| (\d+) minutes? \| (\d+) (s|minutes) \| (.*) \|$/gm)];
    expect(rows).toHaveLength(4);
    for (const [, sla, period, unit, counts] of rows) {
      const plan = heartbeatPlan(Number(sla) * 60_000);
      expect(plan.periodMs).toBe(Number(period) * (unit === "s" ? 1_000 : 60_000));
      const { invocations, waitingSeconds, recordsPerShard } = plan.monthly;
      expect(counts!.split(" | ").map((count) => Number(count.replaceAll(",", "")))).toEqual([
        invocations,
        waitingSeconds,
        recordsPerShard,
      ]);
    }
  });

  it("names the prefixes of the bucket", () => {
    for (const prefix of Object.values(BUCKET_PREFIXES)) expect(markdown).toContain(`\`${prefix}`);
  });
});

it("docs/operating.md has a section for each alarm, and none for another", async () => {
  const operating = await readFile(join(ROOT, "docs/operating.md"), "utf8");
  const alarms = await readFile(join(ROOT, "lib/constructs/monitoring/alarms.ts"), "utf8");
  const kinds = [...alarms.matchAll(/createAlarm\(\s*scope,\s*[`"](?:\$\{[\w.]+\} )?([\w ]+)[`"]/g)].map(
    ([, kind]) => kind!,
  );
  expect(kinds.length).toBeGreaterThan(14);
  const [, sections] = /^## What to do for each alarm\n([\s\S]*?)^## /m.exec(operating)!;
  const titles = [...sections!.matchAll(/^### (.*)\n\n(\S.*)/gm)].map(([, title]) => title!);
  // The API's own three are made with it, to roll its canary back.
  const own = ["ErrorAlarm", "LatencyAlarm", "ServerErrorAlarm"];
  const expected = [...kinds.map((kind) => kind.replace(" ", "")), ...own];
  expect([...titles].sort()).toEqual(expected.sort());
});

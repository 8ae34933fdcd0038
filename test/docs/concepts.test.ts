import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { QUARANTINE_REASONS } from "../../lib/engine/record.ts";
import { formatDuration, source } from "../../lib/index.ts";
import { ROOT } from "./code-blocks.ts";

const page = await readFile(join(ROOT, "docs/concepts.md"), "utf8");

it("the concepts name every reason for quarantine", () => {
  const [, section] = /\n\| reason \|.*\n\| --- .*\n((?:\|.*\n)+)/.exec(page)!;
  const reasons = [...section!.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, reason]) => reason);
  expect(reasons).toEqual([...QUARANTINE_REASONS]);
});

it("the concepts name the defaults that sources have", () => {
  const made = source("made", {
    schema: z.object({ key: z.string(), at: z.iso.datetime() }),
    partitionKey: "key",
    eventTime: "at",
  });
  expect(formatDuration(made.maxFutureSkewMs)).toBe("5m");
  expect(page).toContain("(`maxFutureSkew`, 5 minutes)");
  expect(made.clockSkewMs).toBe(0);
  expect(page).toContain("`clockSkew` (none)");
});

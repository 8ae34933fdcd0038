import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { importFunction } from "../../lib/local/bundle.ts";

let folder: string;
let temporary: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-bundle-test-"));
  temporary = join(folder, "temporary");
  await mkdir(temporary);
  // Where the bundle is written and must not stay.
  vi.stubEnv("TMPDIR", temporary);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const DEFINITIONS = `
  import { source, view } from "freshet-kit";
  import { z } from "zod";
  const orders = source("orders", {
    schema: z.object({ id: z.string(), card: z.string(), at: z.number() }),
    partitionKey: "card", eventTime: "at", eventId: "id",
  });
  export const card = view("card", { version: 1, source: orders, entity: "card", sla: "2m",
    features: (t) => ({ orders: t.count().over("1h") }) });`;

describe("importFunction", () => {
  it("bundles TypeScript with the user's definitions and the kit itself, and leaves nothing on the disk", async () => {
    const exports = await importFunction<{
      name: string;
      features: string[];
      unpack: (text: string) => string;
    }>({
      entryFile: await file(
        "entry.ts",
        `import * as definitions from "freshet:definitions";
         import { gunzipSync } from "node:zlib";
         export const name: string = definitions.card.name;
         export const features = definitions.card.features.map((feature) => feature.name);
         export const unpack = (text: string) => gunzipSync(Buffer.from(text, "base64")).toString();`,
      ),
      definitionsFile: await file("definitions.ts", DEFINITIONS),
    });
    expect(exports.name).toBe("card");
    expect(exports.features).toEqual(["orders_1h"]);
    expect(exports.unpack("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==")).toBe("hello");
    expect(await readdir(temporary)).toEqual([]);
  });

  it("takes in packages written in CommonJS", async () => {
    const { text } = await importFunction<{ text: Promise<string> }>({
      entryFile: await file(
        "metrics.ts",
        `import { Counter, Registry } from ${JSON.stringify(new URL("../../node_modules/prom-client/index.js", import.meta.url).pathname)};
         const registry = new Registry();
         new Counter({ name: "records", help: "Records.", registers: [registry] }).inc(3);
         export const text = registry.metrics();`,
      ),
      definitionsFile: await file("unused.ts", DEFINITIONS),
    });
    expect(await text).toContain("records 3");
  });

  it.each([
    ["a syntax error", "export const broken = ;", /broken-syntax\.ts:1:23: /, "broken-syntax.ts"],
    [
      "a module that does not exist",
      'import "./nowhere.ts";',
      /broken-import\.ts:1:8: .*nowhere/,
      "broken-import.ts",
    ],
    ["definitions that throw", 'throw new Error("no such window");', /no such window/, "broken-throw.ts"],
  ])("names the place of %s, and leaves nothing on the disk", async (_, text, message, name) => {
    const entryFile = await file("plain.ts", 'export * from "freshet:definitions";');
    await expect(
      importFunction({ entryFile, definitionsFile: await file(name, text) }),
    ).rejects.toMatchObject({
      name: "FreshetError",
      code: "BUNDLE_FAILED",
      message: expect.stringMatching(message),
    });
    expect(await readdir(temporary)).toEqual([]);
  });

  it("says that the definitions do not exist", async () => {
    const entryFile = await file("plain.ts", 'export * from "freshet:definitions";');
    await expect(
      importFunction({ entryFile, definitionsFile: join(folder, "absent.ts") }),
    ).rejects.toMatchObject({ code: "BUNDLE_FAILED", message: expect.stringContaining("absent.ts") });
  });
});

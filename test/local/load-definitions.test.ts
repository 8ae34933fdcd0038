import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { FreshetError } from "../../lib/index.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "load-definitions-"));
  file = join(folder, "fraud.ts");
});
afterEach(() => vi.unstubAllEnvs());
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Changes {
  version?: number;
  features?: string;
  before?: string;
}
const module = ({ version = 1, features = 't.sum("amount").over("1h")', before = "" }: Changes = {}) => `
import { source, view } from "freshet-kit";
import { z } from "zod";
${before}
const events = source("events", {
  schema: z.object({ card: z.string(), amount: z.number(), at: z.iso.datetime() }),
  partitionKey: "card",
  eventTime: "at",
});
export const card = view("card", {
  version: ${version}, source: events, entity: "card", sla: "2m",
  features: (t) => ({ spend: ${features} }),
});
`;
const write = (changes?: Changes) => writeFile(file, module(changes));
const lockText = () => readFile(join(folder, "fraud.lock.json"), "utf8");

/** What a refusal says. */
async function refusal(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FreshetError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("was not refused");
}

describe("loadDefinitions", () => {
  test("loads a module of the repository that imports the kit by its name", async () => {
    const { views, services, models } = await loadDefinitions("test/define/fixtures/fraud.ts", {
      lock: "ignore",
    });
    expect(views.map(({ name }) => name).sort()).toEqual(["account", "card", "card_merchant"]);
    expect(services[0]?.vector).toHaveLength(6);
    expect(models[0]?.file).toBe("fraud.onnx");
  });

  test("takes a file URL, and definitions share the process's zod", async () => {
    await write();
    const { sources } = await loadDefinitions(pathToFileURL(file), { lock: "ignore" });
    expect(sources[0]?.schema).toBeInstanceOf(z.ZodObject);
  });

  test("bundles what the module imports, and tells it its own place", async () => {
    await mkdir(join(folder, "node_modules", "limits"), { recursive: true });
    await writeFile(
      join(folder, "node_modules", "limits", "index.js"),
      'exports.name = require("node:path").basename("/a/from_package");',
    );
    await writeFile(join(folder, "names.ts"), "export const names: readonly string[] = ['amount'];");
    await write({
      before: `
        import { readFileSync } from "node:fs";
        import { names } from "./names.ts";
        import { name } from "limits";
        const text: string = readFileSync(new URL("./note.txt", import.meta.url), "utf8");
        export const seen = [text, names[0], name];
        if (seen.join() !== "a note,amount,from_package") throw new Error(seen.join());`,
    });
    await writeFile(join(folder, "note.txt"), "a note");
    expect((await loadDefinitions(file, { lock: "ignore" })).views).toHaveLength(1);
  });

  test("loads anew each time, and leaves nothing behind", async () => {
    const temporary = join(folder, "temporary");
    await mkdir(temporary);
    vi.stubEnv("TMPDIR", temporary);
    await write({ version: 1 });
    expect((await loadDefinitions(file, { lock: "ignore" })).views[0]?.version).toBe(1);
    await write({ version: 2 });
    expect((await loadDefinitions(file, { lock: "ignore" })).views[0]?.version).toBe(2);
    await writeFile(file, "throw new Error()");
    expect((await refusal(loadDefinitions(file))).code).toBe("DEFINITIONS_NOT_LOADABLE");
    expect(await readdir(folder)).toEqual(["fraud.ts", "temporary"]);
    expect(await readdir(temporary)).toEqual([]);
  });

  test("keeps a function's text, whatever names the kit and zod have", async () => {
    await write({
      before: "const z2 = 1; const UNIT_MS = 2; const string = 3; const refuse = 4; const kit = 5;",
      features: 't.sum((row) => row.amount * UNIT_MS + string + refuse + kit + z2).over("1h")',
    });
    const { views } = await loadDefinitions(file, { lock: "ignore" });
    const value = views[0]?.features[0]?.aggregation.value;
    if (value?.kind !== "function") throw new Error("no function");
    expect(value.apply.toString()).toBe("row=>row.amount*UNIT_MS+string+refuse+kit+z2");
    expect(value.apply({ amount: 10 })).toBe(33);
  });

  test("refuses a missing file and a folder", async () => {
    expect(await refusal(loadDefinitions(join(folder, "nope.ts")))).toEqual({
      code: "DEFINITIONS_NOT_FOUND",
      message: expect.stringContaining(join(folder, "nope.ts")),
    });
    expect((await refusal(loadDefinitions(folder))).code).toBe("DEFINITIONS_NOT_FOUND");
  });

  test("refuses what does not compile, with file, line and column", async () => {
    await writeFile(file, "\nexport const a = ;\n");
    const { code, message } = await refusal(loadDefinitions(file));
    expect(code).toBe("DEFINITIONS_NOT_LOADABLE");
    expect(message).toBe(`${file}:2:18: Unexpected ";"`);
  });

  test("refuses an import that cannot be found", async () => {
    await writeFile(file, 'import { a } from "./nope.ts";\nexport const b = a;\n');
    const { code, message } = await refusal(loadDefinitions(file));
    expect(code).toBe("DEFINITIONS_NOT_LOADABLE");
    expect(message).toMatch(/fraud\.ts:1:\d+: Could not resolve "\.\/nope\.ts"/);
  });

  test("refuses a module that throws, with its message", async () => {
    await writeFile(file, 'throw new TypeError("no such thing");');
    expect(await refusal(loadDefinitions(file))).toEqual({
      code: "DEFINITIONS_NOT_LOADABLE",
      message: `${file} threw while it was loaded: no such thing`,
    });
  });

  test("refuses a module without definitions", async () => {
    await writeFile(file, "export const a = 1;");
    expect(await refusal(loadDefinitions(file))).toEqual({
      code: "DEFINITIONS_NOT_LOADABLE",
      message: `${file} exports no definitions; export what source, view, service or model return.`,
    });
  });

  test("passes on what the definitions were refused for", async () => {
    await write({ features: 't.sum("amuont" as "amount").over("1h")' });
    const { code, message } = await refusal(loadDefinitions(file));
    expect(code).toBe("DEFINITION_INVALID");
    expect(message).toMatch(/^view "card", feature "spend": sum\("amuont"\) is not of a field/);
  });
});

describe("the lock file", () => {
  const open = { frozen: false } as const;

  test("is written beside the definitions, one line a view, and stays as it is", async () => {
    await write();
    await loadDefinitions(file, open);
    const text = await lockText();
    expect(text).toMatch(/^\{\n {2}"card@1": "[0-9a-f]{32}"\n\}\n$/);
    await loadDefinitions(file, open);
    expect(await lockText()).toBe(text);
    expect(await readdir(folder)).toEqual(["fraud.lock.json", "fraud.ts"]);
  });

  test("does not see how the text of a function is laid out", async () => {
    await write({ features: 't.sum((row) => row.amount * 2).over("1h")' });
    await loadDefinitions(file, open);
    await write({ features: 't.sum((row) =>\n  // twice\n  row.amount    * 2).over("1h")' });
    await expect(loadDefinitions(file, open)).resolves.toBeDefined();
  });

  test("does not see what else has the name of a variable in a function", async () => {
    await write({ features: 't.sum((row) => row.amount * 2).over("1h")' });
    await loadDefinitions(file, open);
    const text = await lockText();
    await writeFile(file, `${await readFile(file, "utf8")}\nexport const row = 5;\n`);
    await loadDefinitions(file, open);
    expect(await lockText()).toBe(text);
  });

  test.each([
    ["another window", { features: 't.sum("amount").over("24h")' }],
    ["a function instead of a field", { features: 't.sum((row) => row.amount).over("1h")' }],
  ])("refuses %s under the same version, and leaves the lock file alone", async (_, changes) => {
    await write();
    await loadDefinitions(file, open);
    const text = await lockText();
    await write(changes);
    for (const lock of ["check", "update", "verify"] as const) {
      const { code, message } = await refusal(loadDefinitions(file, { ...open, lock }));
      expect(code).toBe("STRUCTURE_CHANGED");
      expect(message).toMatch(
        /^view card@1: .* Raise its version to 2; if card@1 was never deployed, remove its line from .*fraud\.lock\.json/,
      );
    }
    expect(await lockText()).toBe(text);
    await expect(loadDefinitions(file, { lock: "ignore" })).resolves.toBeDefined();
  });

  test("is only read where it is to be verified", async () => {
    await write();
    await expect(loadDefinitions(file, { ...open, lock: "verify" })).resolves.toBeDefined();
    expect(await readdir(folder)).toEqual(["fraud.ts"]);
  });

  test("takes a new version beside the old one, for ever", async () => {
    await write();
    await loadDefinitions(file, open);
    await write({ version: 2, features: 't.sum("amount").over("24h")' });
    await loadDefinitions(file, open);
    expect(Object.keys(JSON.parse(await lockText()))).toEqual(["card@1", "card@2"]);
    await write();
    await expect(loadDefinitions(file, { frozen: true })).resolves.toBeDefined();
  });

  test("is not written where it is frozen, save by an update", async () => {
    await write();
    const { code, message } = await refusal(loadDefinitions(file, { frozen: true }));
    expect(code).toBe("STRUCTURE_NOT_LOCKED");
    expect(message).toMatch(/^card@1: not in /);
    expect(message).toContain(`; run "freshet lock ${file}" and commit fraud.lock.json`);
    expect(await readdir(folder)).toEqual(["fraud.ts"]);
    await loadDefinitions(file, { frozen: true, lock: "update" });
    await expect(loadDefinitions(file, { frozen: true })).resolves.toBeDefined();
  });

  test("is frozen where the environment says CI", async () => {
    await write();
    vi.stubEnv("CI", "true");
    expect((await refusal(loadDefinitions(file))).code).toBe("STRUCTURE_NOT_LOCKED");
    vi.stubEnv("CI", "false");
    await loadDefinitions(file);
    expect(await readdir(folder)).toContain("fraud.lock.json");
  });

  test.each(["{", "[]", '{"card@1": 5}'])("is refused when it holds %s", async (text) => {
    await write();
    await writeFile(join(folder, "fraud.lock.json"), text);
    const { code, message } = await refusal(loadDefinitions(file, open));
    expect(code).toBe("DEFINITIONS_NOT_LOADABLE");
    expect(message).toMatch(
      /fraud\.lock\.json cannot be read as a lock file: .* Restore it from version control/,
    );
  });
});

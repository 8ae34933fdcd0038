import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { DefinitionsDifference } from "../../bin/diff/diff-definitions.ts";
import { run } from "./run-command.ts";

/** Files beside the old and the new module, by name. */
export interface ModuleFiles {
  readonly old?: Readonly<Record<string, string>>;
  readonly new?: Readonly<Record<string, string>>;
}

/** Runs `freshet diff` on two modules, each in a folder of its own, as JSON and as text. */
export async function diffModules(before: string, after: string, files: ModuleFiles = {}) {
  const folder = await mkdtemp(join(tmpdir(), "freshet-diff-modules-"));
  try {
    const [from, to] = [join(folder, "old/module.ts"), join(folder, "new/module.ts")];
    for (const [side, text] of [
      ["old", before],
      ["new", after],
    ] as const) {
      await mkdir(join(folder, side));
      for (const [name, content] of Object.entries({ ...files[side], "module.ts": text }))
        await writeFile(join(folder, side, name), content);
    }
    const json = await run("diff", from, to, "--json");
    expect(json.errors).toBe("");
    const difference = JSON.parse(json.printed) as DefinitionsDifference;
    expect(json.exitCode).toBe(difference.needsCare ? 1 : 0);
    const view = difference.views[0]!;
    const features = Object.fromEntries(
      view.features.map(({ name, change, isFromExistingState }) => [name, [change, isFromExistingState]]),
    );
    const { printed } = await run("diff", from, to);
    return { difference, view, features, printed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

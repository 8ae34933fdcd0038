import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Model } from "../../lib/define/types.ts";
import { describeModel } from "../describe/description.ts";
import { type Difference, idOf, pairUp, settingChanges } from "./difference.ts";
import { removal } from "./removal.ts";

export interface ModelDifference extends Difference {
  /** `name@version`; null for one that was removed. */
  readonly id: string | null;
  /** What it is compared with; null for one that was added. */
  readonly from: string | null;
  /** Whether the file's bytes are others; null where one of them cannot be read. */
  readonly isOtherFile: boolean | null;
}

const SETTINGS = [
  "version",
  "service",
  "file",
  "output",
  "onStale",
  "defaultScore",
  "fallback",
  "owner",
  "description",
] as const;

/** What a change of definitions means for each model. Files are read beside the definitions of each side. */
export async function modelDifferences(
  from: readonly Model[],
  to: readonly Model[],
  folders: { readonly from: string; readonly to: string },
): Promise<readonly ModelDifference[]> {
  return Promise.all(
    pairUp(from, to, ({ name }) => name).map(async ({ from: before, to: now }) => {
      if (before === undefined || now === undefined) return comingOrGoing(before, now);
      const [was, is] = await Promise.all([digestOf(folders.from, before), digestOf(folders.to, now)]);
      return modelDifference(before, now, was, is);
    }),
  );
}

function comingOrGoing(from: Model | undefined, to: Model | undefined): ModelDifference {
  return {
    name: (to ?? from)!.name,
    verdict: to === undefined ? "removed" : "added",
    id: to === undefined ? null : idOf(to),
    from: from === undefined ? null : idOf(from),
    settings: [],
    // Models are paired by name: none of a removed one's is left.
    ...(to === undefined ? removal("model", from!, []) : { care: [], notes: [] }),
    isOtherFile: null,
  };
}

function modelDifference(from: Model, to: Model, was: string | null, is: string | null): ModelDifference {
  const settings = settingChanges(describeModel(from), describeModel(to), SETTINGS);
  const changed = new Set(settings.map(({ name }) => name));
  const isOtherFile = was === null || is === null ? null : was !== is;
  const isOtherVector = JSON.stringify(from.service.vector) !== JSON.stringify(to.service.vector);
  const scores = [
    ...(isOtherFile === true || (isOtherFile === null && changed.has("file")) ? ["file"] : []),
    ...["service", "output"].filter((part) => changed.has(part)),
  ];
  const isSameVersion = from.version === to.version;
  const care: string[] = [];
  if (isSameVersion && scores.length > 0) {
    care.push(
      `Its ${scores.join(" and ")} changed, and its answers say ${idOf(to)} as before: raise its version to ${to.version + 1}.`,
    );
  }
  if (isOtherVector && isOtherFile === false)
    care.push(`Its file ${to.file} is what it was, and the vector is not: export it for the new one.`);
  if (is === null)
    care.push(`Its file ${to.file} cannot be read; the path is relative to the definitions' folder.`);
  const verdict =
    isSameVersion && scores.length > 0
      ? "new version needed"
      : !isSameVersion
        ? "new version"
        : settings.length > 0
          ? "changed"
          : "same";
  return {
    name: to.name,
    verdict,
    id: idOf(to),
    from: idOf(from),
    settings,
    care,
    notes: [],
    isOtherFile,
  };
}

/** Null where there is no such file. */
async function digestOf(folder: string, { file }: Model): Promise<string | null> {
  try {
    return createHash("sha256")
      .update(await readFile(join(folder, file)))
      .digest("hex");
  } catch {
    return null;
  }
}

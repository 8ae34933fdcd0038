import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FreshetError } from "../../../lib/define/error.ts";
import { nodeStateFileSystem, type StateFileSystem } from "../../../lib/local/durable/file-system.ts";
import type { Change } from "../../../lib/local/durable/frames.ts";
import { type Journal, openJournal } from "../../../lib/local/durable/journal.ts";
import { fullDisk } from "./full-disk.ts";

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "freshet-journal-"));
});
afterAll(() => rm(root, { recursive: true }));

async function newFolder(): Promise<string> {
  const folder = join(root, String(folders++));
  nodeStateFileSystem.makeFolder(folder);
  return folder;
}

const failures: FreshetError[] = [];
const open = (folder: string, options: { files?: StateFileSystem; compactAtBytes?: number } = {}): Journal =>
  openJournal({
    folder,
    files: options.files ?? nodeStateFileSystem,
    maps: 2,
    onFailure: (error) => failures.push(error),
    ...(options.compactAtBytes === undefined ? {} : { compactAtBytes: options.compactAtBytes }),
  });

const put = (map: number, key: string, text: string): Change => ({ map, key, value: Buffer.from(text) });
const remove = (map: number, key: string): Change => ({ map, key, value: null });
const contents = ({ maps }: Journal): string =>
  JSON.stringify(
    maps.map((map) => [...map].map(([key, value]) => [key, Buffer.from(value).toString()]).sort()),
  );
const codeOf = (work: () => unknown): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as FreshetError).code;
  }
};

/** Changes of two maps, each frame making sense of what was before: a few keys come and go. */
const frames = Array.from({ length: 12 }, (_, index): Change[] => [
  put(index % 2, `key ${index % 5}`, `value ${index} ${"x".repeat(index * 3)}`),
  index % 4 === 3 ? remove(0, `key ${index % 3}`) : put(1, `\u00ff\u0000${index}`, ""),
]);

/** A journal with all frames, and what it held after each of them. */
async function written(options: { syncAfter?: number } = {}): Promise<{ folder: string; moments: string[] }> {
  const folder = await newFolder();
  const journal = open(folder);
  journal.change([put(0, "before", "begin")]);
  journal.begin();
  const moments = [contents(journal)];
  for (const [index, changes] of frames.entries()) {
    journal.change(changes);
    if (options.syncAfter === index) journal.sync();
    moments.push(contents(journal));
  }
  journal.close();
  return { folder, moments };
}

const JOURNAL = "journal-000001";

describe("a journal", () => {
  it("holds what was changed before and after it began", async () => {
    const { folder, moments } = await written();
    expect(contents(open(folder))).toBe(moments.at(-1));
    expect(open(await newFolder()).begun).toBe(false);
  });

  it("comes back at a moment that was, wherever a crash cut its file", async () => {
    const { folder, moments } = await written();
    const whole = await readFile(join(folder, JOURNAL));
    const seen = new Set<number>();
    for (let length = whole.length; length >= 0; length -= 1) {
      await truncate(join(folder, JOURNAL), length);
      const journal = open(folder);
      const moment = moments.lastIndexOf(contents(journal));
      expect(moment, `${length} bytes`).toBeGreaterThanOrEqual(0);
      seen.add(moment);
      journal.close();
    }
    expect(seen.size).toBe(moments.length);
  });

  it("goes on behind what a crash cut off", async () => {
    const { folder, moments } = await written();
    const file = join(folder, JOURNAL);
    await truncate(file, (await readFile(file)).length - 3);
    const journal = open(folder);
    expect(contents(journal)).toBe(moments.at(-2));
    journal.change([put(0, "after", "the crash")]);
    const after = contents(journal);
    journal.close();
    expect(contents(open(folder))).toBe(after);
  });

  it("refuses a file that lost what had reached the disk, at every byte, and leaves it as it is", async () => {
    const { folder } = await written({ syncAfter: frames.length - 1 });
    const file = join(folder, JOURNAL);
    const whole = await readFile(file);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(whole);
        damaged[at] = damaged[at]! ^ flip;
        await writeFile(file, damaged);
        expect(codeOf(() => open(folder))).toBe("STATE_FOLDER_CORRUPT");
        expect((await readFile(file)).equals(damaged)).toBe(true);
      }),
      { numRuns: 60, seed: 1 },
    );
    await writeFile(file, whole.subarray(0, whole.length - 1));
    expect(codeOf(() => open(folder))).toBe("STATE_FOLDER_CORRUPT");
  });

  it("keeps what had reached the disk where the rest is damaged", async () => {
    const { folder, moments } = await written({ syncAfter: 5 });
    const file = join(folder, JOURNAL);
    const whole = await readFile(file);
    whole.fill(0, whole.length - 40);
    await writeFile(file, whole);
    const moment = moments.lastIndexOf(contents(open(folder)));
    expect(moment).toBeGreaterThanOrEqual(6);
    expect(moment).toBeLessThan(moments.length - 1);
  });

  it.each(["snapshot-000001", "synced"])("refuses %s damaged, cut short or gone", async (name) => {
    const { folder } = await written({ syncAfter: 3 });
    const file = join(folder, name);
    const whole = await readFile(file);
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x10;
      await writeFile(file, damaged);
      expect(
        codeOf(() => open(folder)),
        `byte ${at}`,
      ).toBe("STATE_FOLDER_CORRUPT");
    }
    await writeFile(file, whole.subarray(0, whole.length - 1));
    expect(codeOf(() => open(folder))).toBe("STATE_FOLDER_CORRUPT");
    await rm(file);
    expect(codeOf(() => open(folder))).toBe("STATE_FOLDER_CORRUPT");
  });

  it("begins a new file when one is full, and comes back from wherever that was cut off", async () => {
    const folder = await newFolder();
    const journal = open(folder, { compactAtBytes: 200 });
    journal.begin();
    const moments = new Set([contents(journal)]);
    for (const changes of [...frames, ...frames, ...frames]) {
      journal.change(changes);
      moments.add(contents(journal));
    }
    journal.sync();
    const last = contents(journal);
    journal.close();
    const names = await readdir(folder);
    const generation = Number(/snapshot-(\d+)/.exec(names.join())![1]);
    expect(generation).toBeGreaterThan(3);
    expect(names.sort()).toEqual([
      `journal-${String(generation).padStart(6, "0")}`,
      `snapshot-${String(generation).padStart(6, "0")}`,
      "synced",
    ]);
    // A next generation that was not finished.
    const next = String(generation + 1).padStart(6, "0");
    await writeFile(join(folder, `journal-${next}`), "");
    await writeFile(join(folder, `snapshot-${next}.unfinished`), "half of it");
    const reopened = open(folder);
    expect(contents(reopened)).toBe(last);
    expect((await readdir(folder)).sort()).toEqual(names.sort());
    reopened.close();
  });

  it("stops for good at the first write that a full disk refuses, and has all that came before it", async () => {
    for (let room = 0; room < 1_000; room += 37) {
      const folder = await newFolder();
      failures.length = 0;
      const journal = open(folder, { files: fullDisk(room), compactAtBytes: 400 });
      let acknowledged = contents(journal);
      const codes = new Set<string | null>();
      const attempt = (work: () => void): void => {
        const code = codeOf(work);
        codes.add(code);
        if (code === null)
          expect(codes.has("STATE_FOLDER_UNWRITABLE"), "a write after one refused").toBe(false);
      };
      attempt(() => journal.begin());
      if (codes.has(null)) {
        acknowledged = contents(journal);
        for (const changes of [...frames, ...frames]) {
          attempt(() => {
            journal.change(changes);
            acknowledged = contents(journal);
          });
        }
      }
      journal.close();
      expect([...codes].at(-1)).toBe("STATE_FOLDER_UNWRITABLE");
      expect(failures).toHaveLength(1);
      expect(failures[0]!.message).toContain("ENOSPC");
      const reopened = open(folder);
      // A change that was journaled and then met a full disk in the snapshot after it is there, acknowledged or not.
      if (reopened.begun && contents(reopened) !== acknowledged) {
        expect(contents(reopened)).toBe(contents(journal));
      }
      reopened.change([put(0, "room", "again")]);
      reopened.close();
    }
  });

  it("is the same when its folder is copied", async () => {
    const { folder, moments } = await written();
    const copy = join(root, "copy");
    await cp(folder, copy, { recursive: true });
    expect(contents(open(copy))).toBe(moments.at(-1));
  });
});

describe("a folder that is read-only", () => {
  const readOnly = () => {
    throw Object.assign(new Error("EROFS: read-only file system, open"), { code: "EROFS" });
  };
  it.each([
    ["at its journal", { openCut: readOnly }],
    ["at what an earlier generation left", { remove: readOnly }],
  ])("is told from a damaged one, %s", async (_, refusing) => {
    const { folder, moments } = await written();
    await writeFile(join(folder, "journal-000009"), "");
    await writeFile(join(folder, "snapshot-000009.unfinished"), "");
    expect(codeOf(() => open(folder, { files: { ...nodeStateFileSystem, ...refusing } }))).toBe(
      "STATE_FOLDER_UNWRITABLE",
    );
    const journal = open(folder);
    expect(contents(journal)).toBe(moments.at(-1));
    journal.close();
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Definitions } from "../../lib/define/types.ts";
import { nodeStateFileSystem } from "../../lib/local/durable/file-system.ts";
import { openJournal } from "../../lib/local/durable/journal.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { openState, type StateFolderOptions } from "../../lib/local/open-state.ts";
import { createReplayClock } from "../../lib/local/replay-clock.ts";
import { type LocalRuntime, startLocalRuntime } from "../../lib/local/runtime.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import { fullDisk } from "./durable/full-disk.ts";

const definitionsFile = fileURLToPath(new URL("fixtures/orders.ts", import.meta.url));
const START_MS = Date.parse("2024-01-01T00:00:00Z");
const order = (id: number) => ({
  id: `o${id}`,
  card: `card ${id % 7}`,
  amount: id,
  at: new Date(START_MS + id * 1_000).toISOString(),
});
const orders = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => order(from + index));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "freshet-state-"));
});
afterAll(() => rm(root, { recursive: true }));

const start = (folder: StateFolderOptions, options: { shards?: number; keepRecords?: number } = {}) =>
  startLocalRuntime({
    definitionsFile,
    clock: createReplayClock(START_MS + 3_600_000),
    folder,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    ...options,
  });

async function counts({ store, objectStore, plans }: LocalRuntime) {
  const counted = await countOutcomes({ store, objects: objectStore, plans });
  const { folded, duplicate, quarantined } = counted.get("card@1")!;
  return { folded, duplicate, quarantined, everything: counted.get("everything@1")!.folded };
}

async function filesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const read = names.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path, (await readFile(path)).toString("base64")] as const;
  });
  return Object.fromEntries((await Promise.all(read)).sort());
}

describe("a runtime with a folder", () => {
  it("goes on where it ended, and hands nothing on twice", async () => {
    const path = join(root, "goes-on");
    const first = await start({ path });
    expect(first.resumed).toBe(false);
    await first.put("orders", orders(0, 300));
    await first.putRecords("orders", [{ data: Buffer.from("no JSON"), partitionKey: "card 1" }]);
    await first.heartbeat();
    await first.drain();
    const before = await counts(first);
    expect(before).toEqual({ folded: 300, duplicate: 0, quarantined: 1, everything: 300 });
    await first.stop();

    const second = await start({ path });
    expect(second.resumed).toBe(true);
    expect(second.stats().streams.orders!.put).toBe(301);
    await second.drain();
    expect(await counts(second)).toEqual(before);
    const { shards } = second.stats().streams.orders!;
    expect(shards.map(({ read }) => read)).toEqual([0, 0]);
    await second.put("orders", orders(290, 400));
    await second.drain();
    expect(await counts(second)).toEqual({ folded: 400, duplicate: 10, quarantined: 1, everything: 400 });
    await second.stop();
  });

  it("is exact after it was killed while records were put and folded", async () => {
    const path = join(root, "killed");
    const program = `
      import { startLocalRuntime } from ${JSON.stringify(new URL("../../lib/local/runtime.ts", import.meta.url).href)};
      const runtime = await startLocalRuntime({ definitionsFile: ${JSON.stringify(definitionsFile)}, batchSize: 40, folder: { path: ${JSON.stringify(path)} } });
      const order = ${order.toString().replace("START_MS", String(START_MS))};
      for (let from = runtime.stats().streams.orders.put; ; from += 50) {
        console.log(from);
        await runtime.put("orders", Array.from({ length: 50 }, (_, index) => order(from + index)));
      }`;
    for (const [round, lines] of [4, 9, 2].entries()) {
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
      let written = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        if (written === 0 && round > 0) expect(Number(line)).toBeGreaterThan(0);
        written += 1;
        if (written === lines) child.kill("SIGKILL");
      }
      expect(written).toBeGreaterThanOrEqual(lines);
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      expect(child.signalCode).toBe("SIGKILL");
    }
    const runtime = await start({ path });
    await runtime.drain();
    const { put } = runtime.stats().streams.orders!;
    expect(put).toBeGreaterThanOrEqual(600);
    // A producer that goes on from what was put has put each order once: none was known again, none is missing.
    expect(await counts(runtime)).toEqual({ folded: put, duplicate: 0, quarantined: 0, everything: put });
    await runtime.stop();
  }, 120_000);

  it("forgets handled records all the same, those of earlier runs among them", async () => {
    const path = join(root, "trimmed");
    for (const round of [0, 1]) {
      const runtime = await start({ path }, { shards: 1, keepRecords: 20 });
      await runtime.put("orders", orders(100 * round, 100 * round + 100));
      await runtime.drain();
      expect(runtime.stats().streams.orders!.put).toBe(100 * round + 100);
      expect((await counts(runtime)).folded).toBe(100 * round + 100);
      await runtime.stop();
    }
    const journal = openJournal({ folder: path, files: nodeStateFileSystem, maps: 4, onFailure: () => {} });
    const held = [...journal.maps[0]!.keys()].filter((key) => key.startsWith("!stream-orders!"));
    // The first hundred, and their heartbeat, went with the first batch of the second run.
    expect(held.length).toBeGreaterThanOrEqual(100);
    expect(held.length).toBeLessThan(110);
    journal.close();
  });

  it("says that its disk is full, and has what it acknowledged when there is room again", async () => {
    const path = join(root, "full");
    const runtime = await start({ path, files: fullDisk(400_000) });
    let acknowledged = 0;
    const fill = async () => {
      for (;;) {
        await runtime.put("orders", orders(acknowledged, acknowledged + 100));
        acknowledged += 100;
        await runtime.drain();
      }
    };
    await expect(fill()).rejects.toMatchObject({
      code: "STATE_FOLDER_UNWRITABLE",
      message: expect.stringMatching(/full cannot be written any more: ENOSPC/),
    });
    await expect(runtime.heartbeat()).rejects.toMatchObject({ code: "STATE_FOLDER_UNWRITABLE" });
    await runtime.stop();
    expect(acknowledged).toBeGreaterThan(100);

    const again = await start({ path });
    const { put } = again.stats().streams.orders!;
    expect(put).toBeGreaterThanOrEqual(acknowledged);
    await again.put("orders", orders(put, put + 100));
    await again.drain();
    expect(await counts(again)).toMatchObject({ folded: put + 100, duplicate: 0 });
    await again.stop();
  });

  it("leaves nothing running when its folder is refused", async () => {
    const path = join(root, "other");
    await mkdir(path);
    await writeFile(join(path, "notes.txt"), "not ours");
    await expect(start({ path })).rejects.toMatchObject({ code: "STATE_FOLDER_MISMATCH" });
    await rm(join(path, "notes.txt"));
    const runtime = await start({ path });
    await runtime.stop();
  });

  describe("refuses, and leaves as it is,", () => {
    let path: string;
    let definitions: Definitions;
    const codeAndMessage = async (folder: StateFolderOptions, { shards = 2 } = {}) => {
      const before = await filesOf(path);
      const error = await openState({ folder, definitions, shards, onFailure: () => {} }).then(
        async (state) => {
          await state.close();
          return { code: "opened", message: "" };
        },
        ({ code, message }: { code: string; message: string }) => ({ code, message }),
      );
      expect(await filesOf(path)).toEqual(before);
      return error;
    };

    beforeAll(async () => {
      path = join(root, "refused");
      definitions = await loadDefinitions(definitionsFile);
      const runtime = await start({ path, madeBy: { week: 19 } });
      await runtime.put("orders", orders(0, 20));
      await runtime.drain();
      await runtime.stop();
    });

    it("a folder of another number of shards, or of other settings", async () => {
      const shards = await codeAndMessage({ path, madeBy: { week: 19 } }, { shards: 3 });
      expect(shards.code).toBe("STATE_FOLDER_MISMATCH");
      expect(shards.message).toContain("shards was 2 and is 3");
      const week = await codeAndMessage({ path, madeBy: { week: 20 } });
      expect(week.message).toContain("week was 19 and is 20");
    });

    it("a folder of other definitions", async () => {
      const file = join(path, "freshet-state.json");
      const sound = await readFile(file, "utf8");
      await writeFile(file, sound.replace(/"card@1": "[0-9a-f]{4}/, '"card@1": "ffff'));
      const { code, message } = await codeAndMessage({ path, madeBy: { week: 19 } });
      expect(code).toBe("STATE_FOLDER_MISMATCH");
      expect(message).toContain("views was");
      await writeFile(file, sound);
    });

    it("a folder of another program, and a file", async () => {
      const own = path;
      path = join(root, "photos");
      await mkdir(path);
      await writeFile(join(path, "cat.jpg"), "a cat");
      const { code, message } = await codeAndMessage({ path });
      expect(code).toBe("STATE_FOLDER_MISMATCH");
      expect(message).toContain("cat.jpg");
      expect((await codeAndMessage({ path: join(path, "cat.jpg") })).code).toBe("STATE_FOLDER_MISMATCH");
      path = own;
    });

    it("a folder that is in use", async () => {
      const own = path;
      path = join(root, "in-use");
      const folder = { path };
      const state = await openState({ folder, definitions, shards: 2, onFailure: () => {} });
      expect((await codeAndMessage(folder)).code).toBe("STATE_FOLDER_IN_USE");
      await state.close();
      expect((await codeAndMessage(folder)).code).toBe("opened");
      path = own;
    });

    it.each(["freshet-state.json", "journal-000001", "snapshot-000001", "synced"])(
      "a folder whose %s is damaged or cannot be read",
      async (name) => {
        const own = path;
        path = join(root, `damaged-${name}`);
        await cp(own, path, { recursive: true });
        const file = join(path, name);
        await writeFile(file, Buffer.from("{").toString());
        expect((await codeAndMessage({ path, madeBy: { week: 19 } })).code).toBe("STATE_FOLDER_CORRUPT");
        await rm(file);
        await mkdir(file);
        expect((await codeAndMessage({ path, madeBy: { week: 19 } })).code).toBe("STATE_FOLDER_CORRUPT");
        path = own;
      },
    );

    it("a place that cannot be written", async () => {
      const files = {
        ...nodeStateFileSystem,
        makeFolder: () => {
          throw Object.assign(new Error("EROFS: read-only file system, mkdir"), { code: "EROFS" });
        },
      };
      const { code, message } = await codeAndMessage({ path: join(root, "nowhere"), files });
      expect(code).toBe("STATE_FOLDER_UNWRITABLE");
      expect(message).toContain("EROFS");
    });

    it("a folder whose streams have forgotten by now", async () => {
      const own = path;
      path = join(root, "expired");
      await cp(own, path, { recursive: true });
      const journal = join(path, "journal-000001");
      const opened = openJournal({ folder: path, files: nodeStateFileSystem, maps: 4, onFailure: () => {} });
      const lastStampMs = Date.now() - 8 * 86_400_000;
      const value = Buffer.from(JSON.stringify({ records: 20, lastStampMs }));
      opened.change([{ map: 2, key: "orders", value }]);
      opened.close();
      expect((await readFile(journal)).length).toBeGreaterThan(0);
      expect((await codeAndMessage({ path, madeBy: { week: 19 } })).code).toBe("STATE_FOLDER_EXPIRED");
      path = own;
    });
  });
});

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import { createFileObjectStore } from "../../lib/local/file-object-store.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-objects-"));
});
afterAll(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) =>
  body === undefined ? undefined : new TextDecoder().decode(body);

const stores: [string, (name: string) => ObjectStore][] = [
  ["memory", () => createMemoryObjectStore()],
  ["files", (name) => createFileObjectStore(join(folder, name))],
];

describe.each(stores)("objects in %s", (_, create) => {
  it("are stored whole, replaced whole, and absent when never put", async () => {
    const store = create("replace");
    expect(await store.get("a/b.jsonl")).toBeUndefined();
    await store.put("a/b.jsonl", bytes("a long first body"));
    await store.put("a/b.jsonl", bytes("short"));
    expect(text(await store.get("a/b.jsonl"))).toBe("short");
    expect(await store.get("a")).toBeUndefined();
    expect(await store.get("a/b.jsonl/c")).toBeUndefined();
  });

  it("keep every byte, and an empty body", async () => {
    const store = create("bytes");
    const body = Uint8Array.from({ length: 256 }, (_unused, index) => index);
    await store.put("every", body);
    await store.put("none", new Uint8Array());
    expect(Uint8Array.from((await store.get("every"))!)).toEqual(body);
    expect((await store.get("none"))!.length).toBe(0);
  });

  it("do not change with the caller's buffer", async () => {
    const store = create("buffer");
    const body = bytes("before");
    await store.put("key", body);
    body.fill(0);
    const read = (await store.get("key"))!;
    expect(text(read)).toBe("before");
    read.fill(0);
    expect(text(await store.get("key"))).toBe("before");
  });

  it("are listed by prefix in ascending order", async () => {
    const store = create("list");
    expect(await store.list("")).toEqual([]);
    for (const key of ["b/2", "b/10", "a/z/deep", "bb", "b.c"]) await store.put(key, bytes(key));
    expect(await store.list("")).toEqual(["a/z/deep", "b.c", "b/10", "b/2", "bb"]);
    expect(await store.list("b/")).toEqual(["b/10", "b/2"]);
    expect(await store.list("b/1")).toEqual(["b/10"]);
    expect(await store.list("c")).toEqual([]);
  });

  it("take many puts of one key at once and end with one of them", async () => {
    const store = create("race");
    const bodies = Array.from({ length: 20 }, (_unused, index) => String(index).repeat(5_000 + index));
    await Promise.all(bodies.map((body) => store.put("same", bytes(body))));
    expect(bodies).toContain(text(await store.get("same")));
    expect(await store.list("")).toEqual(["same"]);
  });
});

describe("files", () => {
  it.each([
    "../outside",
    "a/../../outside",
    "/etc/passwd",
    "",
    "a//b",
    "a/.",
    "a\\..\\b",
    "a\0b",
    "C:/x",
    "x.unfinished",
  ])("refuse the key %j", async (key) => {
    const store = createFileObjectStore(join(folder, "keys", "inner"));
    await expect(store.put(key, bytes("x"))).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(store.get(key)).rejects.toMatchObject({ code: "OPTION_INVALID" });
    expect(await readdir(folder)).not.toContain("outside");
  });

  it("say that a folder cannot be written", async () => {
    const occupied = join(folder, "occupied");
    await writeFile(occupied, "a file where the folder should be");
    await expect(createFileObjectStore(occupied).put("key", bytes("x"))).rejects.toMatchObject({
      code: "OBJECT_STORE_UNWRITABLE",
      message: expect.stringContaining(occupied),
      cause: expect.objectContaining({ code: expect.stringMatching(/^E/) }),
    });
  });

  it.skipIf(process.platform === "win32")(
    "say that the disk takes no more, and leave nothing half written",
    async () => {
      const root = join(folder, "full");
      // A limit on file size stands for a full disk: the write fails after its first blocks.
      const program = `
      import { createFileObjectStore } from ${JSON.stringify(new URL("../../lib/local/file-object-store.ts", import.meta.url).href)};
      const store = createFileObjectStore(process.argv[1]);
      await store.put("small", new Uint8Array(100));
      await store.put("large", new Uint8Array(4_000_000)).catch((error) => console.log(error.code, error.cause.code));
      console.log(await store.list(""));`;
      const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program, root];
      const { stdout } = await run("sh", ["-c", 'ulimit -f 1000; exec "$@"', "sh", ...node]);
      expect(stdout).toBe("OBJECT_STORE_UNWRITABLE EFBIG\n[ 'small' ]\n");
      expect(await readdir(root)).toEqual(["small"]);
    },
  );

  it("leave no unfinished file behind a put that fails, and never list one", async () => {
    const root = join(folder, "unfinished");
    const store = createFileObjectStore(root);
    await mkdir(join(root, "taken", "by-a-folder"), { recursive: true });
    await expect(store.put("taken", bytes("x"))).rejects.toMatchObject({ code: "OBJECT_STORE_UNWRITABLE" });
    expect(await readdir(root)).toEqual(["taken"]);
    await writeFile(join(root, "key.1234.unfinished"), "half");
    expect(await store.list("")).toEqual([]);
  });

  it("survive the store that wrote them", async () => {
    const root = join(folder, "survive");
    await createFileObjectStore(root).put("a/b", bytes("kept"));
    expect(text(await createFileObjectStore(root).get("a/b"))).toBe("kept");
  });
});

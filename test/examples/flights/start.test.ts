import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function start(...argv: string[]): ChildProcess & { readonly written: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", "examples/flights/start.ts", ...argv], {
    cwd: root,
  });
  let written = "";
  child.stdout!.on("data", (data) => {
    written += data;
  });
  child.stderr!.on("data", (data) => {
    written += data;
  });
  return Object.assign(child, { written: () => written });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

describe("the command", () => {
  test("shows its options and exits 0", async () => {
    const child = start("--help");
    expect(await exitOf(child)).toBe(0);
    expect(child.written()).toContain("--once");
  });

  test("refuses days that the file does not have with 2, and says which it has", async () => {
    const child = start("--once", "--from", "2002-01-01");
    expect(await exitOf(child)).toBe(2);
    expect(child.written()).toContain("The file has 2001-01-01 to 2001-07-01");
  });

  test("refuses a port in use and a file that cannot be written with 2", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const taken = start("--port", String(port));
    expect(await exitOf(taken)).toBe(2);
    expect(taken.written()).toContain(`port ${port}`);
    server.close();
    const unwritable = start("--dump", "/nowhere/at/all.jsonl");
    expect(await exitOf(unwritable)).toBe(2);
    expect(unwritable.written()).toContain("--dump /nowhere/at/all.jsonl cannot be written");
  }, 240_000);

  test("says what to try, and ends with 0 on Ctrl-C", async () => {
    const child = start("--port", "0");
    while (!child.written().includes("It answers")) {
      if (child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    child.kill("SIGINT");
    expect(await exitOf(child)).toBe(0);
    expect(child.written()).toMatch(/curl -s http:\/\/127\.0\.0\.1:\d+\/v1\/predict/);
    expect(child.written()).toMatch(/"score":0\.\d+/);
    expect(child.written()).toContain("Stopped.");
  }, 300_000);
});

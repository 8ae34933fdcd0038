import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EntryLine } from "../../bin/tail/entry-text.ts";
import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import { openStateFolder } from "../../lib/local/durable/state-folder.ts";
import { listenLocally } from "../../lib/local/embedded-server.ts";
import { createFileObjectStore } from "../../lib/local/file-object-store.ts";
import { type ChannelEntry, writeChannel } from "../../lib/online/channels.ts";
import { runWith } from "./run-command.ts";

const NOW_MS = Date.parse("2026-01-31T12:00:00Z");
const HOUR_MS = 3_600_000;

let folder: string;
let store: ObjectStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-tail-"));
  store = createFileObjectStore(folder);
});
afterEach(() => vi.unstubAllEnvs());
afterEach(() => rm(folder, { recursive: true, force: true }));

function entry(
  sequenceNumber: number,
  changes: Partial<ChannelEntry> & { text?: string } = {},
): ChannelEntry {
  const { text = `{"n":${sequenceNumber}}`, ...rest } = changes;
  return {
    source: "payments",
    writer: "00000000/shardId-000000000000",
    sequenceNumber: String(sequenceNumber),
    view: null,
    arrivalMs: NOW_MS - HOUR_MS + sequenceNumber,
    reason: "malformed",
    detail: "the record is not JSON",
    partitionKey: "card-1",
    payload: Buffer.from(text).toString("base64"),
    ...rest,
  };
}

async function tail(...parameters: string[]) {
  const result = await runWith({ clock: { now: () => NOW_MS } }, "tail", ...parameters, "--json");
  const lines = result.printed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EntryLine);
  return { ...result, lines, numbers: lines.map(({ sequenceNumber }) => Number(sequenceNumber)) };
}

describe("freshet tail", () => {
  test("says that there is nothing, and that nothing matches, where people read it", async () => {
    const empty = await runWith({}, "tail", folder);
    expect(empty).toEqual({
      exitCode: 0,
      printed: "",
      errors: `freshet: no records in ${folder}: nothing under its quarantine/ or late/.`,
    });
    await writeChannel(store, "quarantine", [entry(1)]);
    const none = await runWith({}, "tail", folder, "--channel", "late");
    expect(none).toEqual({
      exitCode: 0,
      printed: "",
      errors: `freshet: no record in ${folder} is what the options ask for.`,
    });
    expect(await runWith({}, "tail", folder, "--channel", "late", "--json")).toEqual({
      exitCode: 0,
      printed: "",
      errors: "",
    });
  });

  test("prints both channels by arrival, each identity once, payloads as text where they are", async () => {
    const late = entry(9, { view: "card@1", reason: "late", arrivalMs: NOW_MS - 2 * HOUR_MS });
    const bytes = Buffer.from([0xff, 0xfe]).toString("base64");
    await writeChannel(store, "quarantine", [entry(10), entry(2), entry(3, { payload: bytes })]);
    await writeChannel(store, "quarantine", [
      entry(2),
      entry(3, { payload: bytes }),
      entry(3, { view: "card@1", reason: "item-full" }),
    ]);
    await writeChannel(store, "late", [late]);
    const { exitCode, errors, lines } = await tail(folder);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
    expect(lines.map(({ channel, sequenceNumber, view }) => [channel, sequenceNumber, view])).toEqual([
      ["late", "9", "card@1"],
      ["quarantine", "2", null],
      ["quarantine", "3", null],
      ["quarantine", "3", "card@1"],
      ["quarantine", "10", null],
    ]);
    expect(lines[0]).toEqual({
      channel: "late",
      arrival: "2026-01-31T10:00:00.000Z",
      source: "payments",
      writer: "00000000/shardId-000000000000",
      sequenceNumber: "9",
      view: "card@1",
      reason: "late",
      detail: "the record is not JSON",
      partitionKey: "card-1",
      arrivalMs: NOW_MS - 2 * HOUR_MS,
      payload: '{"n":9}',
      payloadBase64: null,
    });
    expect(lines[2]).toMatchObject({ payload: null, payloadBase64: bytes });
  });

  test("filters by channel, source, view, reason, key and arrival", async () => {
    await writeChannel(store, "quarantine", [
      entry(1),
      entry(2, { reason: "schema", partitionKey: "card-2" }),
      entry(3, { view: "card@1", reason: "function-threw" }),
      entry(4, { view: "card@2", reason: "item-full" }),
      entry(5, { view: "cards@1", reason: "item-full" }),
    ]);
    await writeChannel(store, "quarantine", [
      entry(6, { source: "logins", arrivalMs: NOW_MS - 3 * HOUR_MS }),
    ]);
    await writeChannel(store, "late", [entry(7, { view: "card@1", reason: "late", arrivalMs: NOW_MS - 1 })]);
    for (const [parameters, expected] of [
      ["", [6, 1, 2, 3, 4, 5, 7]],
      ["--channel late", [7]],
      ["--channel quarantine --source payments", [1, 2, 3, 4, 5]],
      ["--source logins", [6]],
      ["--source login", []],
      ["--view card@1", [3, 7]],
      ["--view card", [3, 4, 7]],
      ["--reason item-full", [4, 5]],
      ["--reason late", [7]],
      ["--key card-2", [2]],
      ["--since 2h", [1, 2, 3, 4, 5, 7]],
      ["--since 2026-01-31T11:00:00.003Z --until 2026-01-31T12:00:00.005+01:00", [3, 4]],
      ["--since 2026-02-01", []],
      ["--limit 2", [5, 7]],
      ["--limit 2 --channel quarantine", [4, 5]],
      ["--limit all", [6, 1, 2, 3, 4, 5, 7]],
    ] as const) {
      const given = parameters.split(" ").filter((part) => part !== "");
      const { exitCode, numbers } = await tail(folder, ...given);
      expect({ exitCode, numbers }, parameters).toEqual({ exitCode: 0, numbers: expected });
    }
  });

  test("reads the records of a state folder", async () => {
    const path = join(folder, "state");
    const failed = (error: Error) => expect.unreachable(error.message);
    const state = await openStateFolder({ path, identity: { made: "by a test" }, onFailure: failed });
    try {
      const objects = join(path, "objects");
      const empty = await runWith({}, "tail", path);
      expect(empty).toEqual({
        exitCode: 0,
        printed: "",
        errors: `freshet: no records in ${objects}: nothing under its quarantine/ or late/.`,
      });
      await writeChannel(state.objectStore, "quarantine", [entry(1)]);
      await writeChannel(state.objectStore, "late", [entry(2, { view: "card@1", reason: "late" })]);
      for (const location of [path, objects]) {
        const { exitCode, numbers } = await tail(location);
        expect({ exitCode, numbers }, location).toEqual({ exitCode: 0, numbers: [1, 2] });
      }
    } finally {
      await state.close();
    }
  });

  test("keeps the last by arrival of more than it holds at once", async () => {
    const entries = Array.from({ length: 5_000 }, (_, index) =>
      entry(index, { arrivalMs: NOW_MS - ((index * 7_919) % 5_000) }),
    );
    await writeChannel(store, "quarantine", entries);
    const { lines } = await tail(folder, "--limit", "3");
    expect(lines.map(({ arrivalMs }) => arrivalMs)).toEqual([NOW_MS - 2, NOW_MS - 1, NOW_MS]);
    expect((await tail(folder)).lines).toHaveLength(100);
  });

  test("prints for reading, and nothing that a terminal would obey", async () => {
    await writeChannel(store, "quarantine", [
      entry(1, { text: 'a\u001b[31m\r\nb\u202e"ü"', detail: "line\u0007", partitionKey: "k\u009b" }),
      entry(2, { view: "card@1", reason: "item-full", payload: "/w==" }),
    ]);
    const { printed, exitCode } = await runWith({}, "tail", folder);
    expect(exitCode).toBe(0);
    expect(printed).toBe(
      [
        "2026-01-31T11:00:00.001Z  quarantine (malformed)  payments  key k\\u{9b}  00000000/shardId-000000000000 1",
        "  line\\u{7}",
        '  a\\u{1b}[31m\\u{d}\\u{a}b\\u{202e}"ü"',
        "2026-01-31T11:00:00.002Z  quarantine (item-full)  payments, view card@1  key card-1  00000000/shardId-000000000000 2",
        "  the record is not JSON",
        "  base64 /w==",
      ].join("\n"),
    );
  });

  test("tells of what is no entry, goes on with the rest, and exits 1", async () => {
    await writeChannel(store, "quarantine", [entry(1)]);
    await store.put(
      "quarantine/payments/w/0-bad.jsonl",
      Buffer.from(`{"n":1}\n${JSON.stringify(entry(2))}\nnot JSON\n`),
    );
    const { exitCode, errors, numbers } = await tail(folder);
    expect(exitCode).toBe(1);
    expect(numbers).toEqual([1, 2]);
    expect(errors.split("\n")).toEqual([
      "freshet: object quarantine/payments/w/0-bad.jsonl, line 1 is not an entry of channel quarantine.",
      "freshet: object quarantine/payments/w/0-bad.jsonl, line 3 is not an entry of channel quarantine.",
    ]);
  });

  test.each([
    ["/no/such/folder", [], 1, /\/no\/such\/folder is not a folder; give the folder/],
    ["ftp://host/x", [], 1, /ftp:\/\/host\/x cannot be read; give a folder, or s3:/],
    [".", ["--since", "yesterday"], 2, /argument 'yesterday' is invalid\. Write a duration before now/],
    [
      ".",
      ["--until", "2026-01-31T12:00:00"],
      2,
      /--until <time>.* argument '2026-01-31T12:00:00' is invalid/,
    ],
    [".", ["--since", "0h"], 2, /--since/],
    [".", ["--limit", "0"], 2, /whole number from 1/],
    [".", ["--interval", "0"], 2, /seconds from 0\.1/],
    [".", ["--channel", "both"], 2, /Allowed choices are quarantine, late/],
    [".", ["--reason", "bad"], 2, /Allowed choices are late, malformed/],
  ])("%s %s: exit code %i", async (location, parameters, code, message) => {
    const { exitCode, printed, errors } = await tail(location, ...parameters);
    expect({ exitCode, printed }).toEqual({ exitCode: code, printed: "" });
    expect(errors).toMatch(message);
  });

  test("follows: prints what comes, each once, until it is interrupted", async () => {
    await writeChannel(store, "quarantine", [entry(1)]);
    const interruption = new AbortController();
    const printed: number[] = [];
    const waiting = new Map<number, () => void>();
    const shown = (number: number) =>
      printed.includes(number)
        ? Promise.resolve()
        : new Promise<void>((resolve) => waiting.set(number, resolve));
    const { runFreshet } = await import("../../bin/run-freshet.ts");
    const running = runFreshet(["tail", folder, "--json", "-f", "--interval", "0.1"], {
      interrupted: interruption.signal,
      output: {
        write(text) {
          const number = Number((JSON.parse(text) as EntryLine).sequenceNumber);
          printed.push(number);
          waiting.get(number)?.();
        },
        writeError: (text) => expect.unreachable(text),
      },
    });
    await shown(1);
    await writeChannel(store, "quarantine", [entry(1), entry(3), entry(2)]);
    await writeChannel(store, "late", [entry(4, { view: "card@1", reason: "late" })]);
    await Promise.all([shown(2), shown(3), shown(4)]);
    interruption.abort();
    expect(await running).toBe(0);
    expect([...printed].sort()).toEqual([1, 2, 3, 4]);
  });

  test("reads s3://bucket/prefix, and says so when it may not", async () => {
    const objects = new Map<string, string>();
    objects.set("kit/quarantine/payments/w/1-a.jsonl", `${JSON.stringify(entry(1))}\n`);
    objects.set(
      "kit/late/payments/w/2-b.jsonl",
      `${JSON.stringify(entry(2, { reason: "late", view: "card@1" }))}\n`,
    );
    objects.set("kitchen/quarantine/payments/w/3-c.jsonl", `${JSON.stringify(entry(3))}\n`);
    const server = await listenLocally(
      createServer((request, response) => {
        const url = new URL(request.url!, "http://s3");
        const [, bucket, key] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(url.pathname))!;
        const xml = (status: number, body: string) =>
          response.writeHead(status, { "content-type": "application/xml" }).end(body);
        if (bucket !== "records")
          xml(403, "<Error><Code>AccessDenied</Code><Message>not yours</Message></Error>");
        else if (url.searchParams.has("list-type")) {
          const keys = [...objects.keys()].filter((name) => name.startsWith(url.searchParams.get("prefix")!));
          const contents = keys.map((name) => `<Contents><Key>${name}</Key></Contents>`).join("");
          xml(200, `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
        } else response.end(objects.get(key!));
      }),
    );
    vi.stubEnv("AWS_ENDPOINT_URL", server.endpoint);
    vi.stubEnv("AWS_REGION", "us-east-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    try {
      expect((await tail("s3://records/kit")).numbers).toEqual([1, 2]);
      expect((await tail("s3://records/kit/", "--channel", "late")).numbers).toEqual([2]);
      expect((await tail("s3://records")).numbers).toEqual([]);
      const denied = await tail("s3://others/kit");
      expect(denied.exitCode).toBe(1);
      expect(denied.errors).toMatch(
        /^freshet: s3:\/\/others\/kit: the list of quarantine\/ cannot be read: AccessDenied: not yours/,
      );
    } finally {
      await server.stop();
    }
  });

  test("as a process: asks for a region in one line, without the SDK's warning of an old Node", async () => {
    const none = join(folder, "none");
    const child = spawn(process.execPath, ["--import", "tsx", "bin/freshet.ts", "tail", "s3://records/kit"], {
      env: { PATH: process.env.PATH, AWS_CONFIG_FILE: none, AWS_SHARED_CREDENTIALS_FILE: none },
    });
    let errors = "";
    child.stderr.on("data", (data) => {
      errors += data;
    });
    const [code] = await once(child, "close");
    expect(errors).toBe(
      "freshet: s3://records/kit: Region is missing; set AWS_REGION, such as eu-west-1, or AWS_PROFILE to a profile that has one.\n",
    );
    expect(code).toBe(1);
  });

  test("as a process: ends with 0 on an interrupt", async () => {
    await writeChannel(store, "quarantine", [entry(1)]);
    const child: ChildProcess = spawn(process.execPath, [
      "--import",
      "tsx",
      "bin/freshet.ts",
      "tail",
      folder,
      "-f",
    ]);
    let text = "";
    child.stdout!.on("data", (data) => {
      text += data;
      if (text.includes('{"n":1}')) child.kill("SIGINT");
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });
});

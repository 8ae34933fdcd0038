import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runFreshet } from "../../bin/run-freshet.ts";
import { createFileObjectStore } from "../../lib/local/file-object-store.ts";
import { type ChannelEntry, writeChannel } from "../../lib/online/channels.ts";
import { FIXTURE_MODELS } from "../serve/fixtures/models.ts";
import { encodeOnnx } from "../serve/fixtures/onnx-encoder.ts";
import { codeBlocks, commandsOf, ROOT } from "./code-blocks.ts";
import { createFolderInPackage } from "./compile.ts";

const PAGE = "docs/command-line.md";
const page = await readFile(join(ROOT, PAGE), "utf8");
const blocks = codeBlocks(PAGE, page);
const VECTOR = ["payer.spend_5m", "payer.channel_1h.web", "network.cards_1h", "ratio", "request.amount"];

/** The examples that mean to find something, by their exit code. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  "npx freshet check wrong.ts": 1,
  "npx freshet diff deployed/fraud.ts fraud.ts": 1,
};

/** Each command with the output that the page shows for it. */
const examples = blocks.flatMap((block, index) => {
  if (block.language !== "sh") return [];
  const [command, ...more] = commandsOf(block);
  expect(more, `line ${block.line}: one command a block`).toEqual([]);
  const next = blocks[index + 1];
  return [{ command: command!, output: next?.language === "text" ? next.text : null }];
});

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await createFolderInPackage());
  await writeExample(folder);
});
afterAll(() => remove());

function replaced(text: string, before: string, after: string): string {
  expect(text).toContain(before);
  return text.replace(before, after);
}

/** What the page says that its examples run beside. */
async function writeExample(to: string): Promise<void> {
  const [definitions] = codeBlocks(
    "docs/definitions.md",
    await readFile(join(ROOT, "docs/definitions.md"), "utf8"),
  );
  const code = definitions!.text;
  expect(code).toContain(`vector: [${VECTOR.map((name) => JSON.stringify(name)).join(", ")}]`);
  await writeFile(join(to, "fraud.ts"), code);
  let wrong = replaced(code, 'sla: "2m"', 'sla: "2 min"');
  wrong = replaced(wrong, 't.sum("amount").over("5m"', 't.sum("amuont").over("5m"');
  await writeFile(join(to, "wrong.ts"), replaced(wrong, '"fraud.onnx"', '"fruad.onnx"'));
  const good = FIXTURE_MODELS["good.onnx"]!;
  const model = encodeOnnx({
    ...good,
    nodes: [...good.nodes, { op: "Identity", inputs: ["score"], outputs: ["probability"] }],
    outputs: [{ name: "probability", type: "float", shape: ["rows", 1] }],
    metadata: { feature_names: JSON.stringify(VECTOR) },
  });
  await mkdir(join(to, "deployed"));
  await writeFile(join(to, "fraud.onnx"), model);
  await cp(join(to, "fraud.onnx"), join(to, "deployed/fraud.onnx"));
  const before = replaced(code, /^.*ever: .*\n/m.exec(code)![0], "");
  const [first, second] = VECTOR.map((name) => JSON.stringify(name));
  await writeFile(
    join(to, "deployed/fraud.ts"),
    replaced(before, `${first}, ${second}`, `${second}, ${first}`),
  );
  await writeRecords(join(to, "records"));
}

async function writeRecords(to: string): Promise<void> {
  const store = createFileObjectStore(to);
  const base = { source: "payments", writer: "00000000/shardId-000000000000" };
  const malformed: ChannelEntry = {
    ...base,
    sequenceNumber: "1001",
    view: null,
    arrivalMs: Date.parse("2026-01-31T12:00:00Z"),
    reason: "malformed",
    detail: "the record is not JSON: Unexpected end of JSON input",
    partitionKey: "card-7",
    payload: Buffer.from('{"id": "p1", "card": "card-7", "amount":').toString("base64"),
  };
  const late: ChannelEntry = {
    ...malformed,
    sequenceNumber: "1002",
    view: "card@1",
    arrivalMs: Date.parse("2026-01-31T12:00:05Z"),
    reason: "late",
    detail: "its tile has left every ring",
    partitionKey: "card-9",
  };
  await writeChannel(store, "quarantine", [malformed]);
  await writeChannel(store, "late", [late]);
}

/** Runs an example as a user does, in a folder of its own. */
async function runExample(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const own = await createFolderInPackage();
  try {
    await cp(folder, own.folder, { recursive: true });
    const parameters = replaced(command, "npx freshet ", "").split(" ");
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        ["--import", import.meta.resolve("tsx"), join(ROOT, "bin/freshet.ts"), ...parameters],
        { cwd: own.folder, env: { ...process.env, CI: "" } },
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  } finally {
    await rm(own.folder, { recursive: true, force: true });
  }
}

/** A pattern of shown output: dots alone in a line stand for lines, dots within a line for the rest of a part of it. */
function patternOf(output: string): RegExp {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const lines = output.trimEnd().split("\n");
  const parts = lines.map((line) =>
    line === "..." ? "(?:.*\n)*?" : `${line.split("...").map(escaped).join(".*")}\n`,
  );
  return new RegExp(`^${parts.join("")}$`);
}

describe("the examples of the command line", () => {
  it("are of every command", () => {
    const shown = new Set(examples.map(({ command }) => command.split(" ")[2]));
    const titled = [...page.matchAll(/^## freshet (\w+)$/gm)].map(([, command]) => command!);
    expect([...shown].sort()).toEqual([...titled].sort());
  });

  it.each(examples)("$command", async ({ command, output }) => {
    const { code, stdout, stderr } = await runExample(command);
    expect({ code, stderr }).toEqual({ code: EXIT_CODES[command] ?? 0, stderr: "" });
    expect(output, "the page shows what it prints").not.toBeNull();
    expect(stdout).toMatch(patternOf(output!));
  });
});

describe("the reference of the command line", () => {
  it.each(
    [...page.matchAll(/^## freshet (\w+)\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(([, command, text]) => [
      command!,
      text!,
    ]),
  )("freshet %s: has the options that its help has, and its exit codes", async (command, text) => {
    let help = "";
    const output = { write: (line: string) => (help += line), writeError: () => {} };
    expect(await runFreshet([command!, "--help"], { output })).toBe(0);
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+(?: <\w+>)?)/gm)].map(([, option]) => option!);
    const documented = [...text!.matchAll(/^\| (?:`-\w`, )?`(--[^`]+)` \|/gm)].map(([, option]) => option!);
    expect([...documented].sort()).toEqual(options.filter((option) => option !== "--help").sort());
    expect(text).toMatch(/^Exit code 1: /m);
  });

  it("has a section for every command that there is", async () => {
    let help = "";
    const output = { write: (line: string) => (help += line), writeError: () => {} };
    await runFreshet(["--help"], { output });
    const [, commands] = /Commands:\n([\s\S]*)$/.exec(help)!;
    const names = [...commands!.matchAll(/^ {2}(\w+) /gm)]
      .map(([, name]) => name!)
      .filter((name) => name !== "help");
    for (const name of names) expect(page).toContain(`## freshet ${name}\n`);
    expect(names.length).toBe([...page.matchAll(/^## freshet /gm)].length);
  });
});

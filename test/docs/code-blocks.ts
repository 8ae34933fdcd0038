import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A fenced block of a page. */
export interface CodeBlock {
  /** Path of the page from the root. */
  readonly page: string;
  /** The line of its opening fence, from 1. */
  readonly line: number;
  /** The word after the fence; empty where there is none. */
  readonly language: string;
  /** The word after the language, by which other blocks of the page import a module; empty where there is none. */
  readonly name: string;
  readonly text: string;
}

const FENCE = /^ *(`{3,}|~{3,}) *(\S*) *(\S*)/;

/** The fenced blocks of a page, in order. Throws where one is not closed. */
export function codeBlocks(page: string, markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { fence: string; line: number; language: string; name: string; lines: string[] } | null = null;
  for (const [index, text] of markdown.split("\n").entries()) {
    const [, fence, language, name] = FENCE.exec(text) ?? [];
    if (open === null) {
      if (fence !== undefined) open = { fence, line: index + 1, language: language!, name: name!, lines: [] };
    } else if (fence?.startsWith(open.fence) === true && language === "") {
      blocks.push({
        page,
        line: open.line,
        language: open.language,
        name: open.name,
        text: open.lines.map((each) => `${each}\n`).join(""),
      });
      open = null;
    } else open.lines.push(text);
  }
  if (open !== null) throw new Error(`${page}:${open.line}: the block is not closed`);
  return blocks;
}

/** README and every page of docs, by path from the root; not the reference, which is written from comments. */
export async function documentationPages(): Promise<ReadonlyMap<string, string>> {
  const docs = await readdir(join(ROOT, "docs"), { recursive: true });
  const pages = [
    "README.md",
    ...docs.filter((name) => /^(?!reference[\\/]).*\.md$/.test(name)).map((name) => `docs/${name}`),
  ].sort();
  return new Map(
    await Promise.all(pages.map(async (page) => [page, await readFile(join(ROOT, page), "utf8")] as const)),
  );
}

/** Every test, by path from the root, with its text. */
export async function testFiles(): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(join(ROOT, "test"), { recursive: true });
  const tests = files.filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  return new Map(
    await Promise.all(tests.map(async (test) => [test, await readFile(join(ROOT, test), "utf8")] as const)),
  );
}

/** The commands of a shell block, one a line. */
export function commandsOf(block: CodeBlock): readonly string[] {
  return block.text.split("\n").filter((line) => line.trim() !== "");
}

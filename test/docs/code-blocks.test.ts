import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeBlocks, documentationPages, ROOT, testFiles } from "./code-blocks.ts";
import { compile, createFolderInPackage } from "./compile.ts";

const pages = await documentationPages();
const blocks = [...pages].flatMap(([page, markdown]) => codeBlocks(page, markdown));

/** The page whose module the TypeScript of other pages imports as `./definitions.ts`, unless they have one themselves. */
const DEFINITIONS_PAGE = "docs/definitions.md";

/** What each language of a block has done to it; a block of another is neither compiled nor run. */
const LANGUAGES = {
  ts: "compiled",
  sh: "run",
  json: "parsed",
  text: "shown as it is: output, or a sketch of it",
} as const;

const placed = (language: keyof typeof LANGUAGES) => blocks.filter((block) => block.language === language);

describe("code blocks of the documentation", () => {
  it("are found: pages, and blocks with and without a language", () => {
    expect([...pages.keys()]).toEqual(
      expect.arrayContaining(["README.md", DEFINITIONS_PAGE, "docs/concepts.md"]),
    );
    expect(blocks.length).toBeGreaterThan(10);
    const markdown = "```ts first\na\n```\n text\n~~~\nb\n```\n~~~\n````text\n```ts\n````\n";
    expect(codeBlocks("x.md", markdown)).toEqual([
      { page: "x.md", line: 1, language: "ts", name: "first", text: "a\n" },
      { page: "x.md", line: 5, language: "", name: "", text: "b\n```\n" },
      { page: "x.md", line: 9, language: "text", name: "", text: "```ts\n" },
    ]);
    expect(() => codeBlocks("x.md", "```ts\na\n")).toThrow("x.md:1: the block is not closed");
  });

  it.each(blocks.map((block) => [`${block.page}:${block.line}`, block] as const))(
    "%s says what it is, and that is compiled, run, parsed, or text",
    (_, { language }) => {
      expect(Object.keys(LANGUAGES)).toContain(language);
    },
  );

  it("in TypeScript compile, each as a module", async () => {
    const { folder, remove } = await createFolderInPackage();
    try {
      const definitions = blocks.find(
        ({ page, language }) => page === DEFINITIONS_PAGE && language === "ts",
      )!;
      const files: string[] = [];
      for (const [index, page] of [...pages.keys()].entries()) {
        const own = placed("ts").filter((block) => block.page === page);
        if (own.length === 0) continue;
        const modules = new Map([["definitions", definitions.text]]);
        for (const { line, name, text } of own) modules.set(name === "" ? `line-${line}` : name, text);
        await mkdir(join(folder, `page-${index}`));
        for (const [name, text] of modules) {
          const file = `page-${index}/${name}.ts`;
          await writeFile(join(folder, file), `${text}\nexport {};\n`);
          files.push(file);
        }
      }
      expect(files.length).toBeGreaterThan(placed("ts").length);
      const failure = await compile(folder, ...files).then(
        () => "",
        (error: { stdout: string }) => error.stdout,
      );
      expect(failure).toBe("");
      // A block that does not compile would be seen.
      await writeFile(join(folder, "wrong.ts"), 'import { view } from "freshet-kit";\nview(1);\n');
      await expect(compile(folder, ...files, "wrong.ts")).rejects.toMatchObject({
        stdout: expect.stringContaining("wrong.ts(2,"),
      });
    } finally {
      await remove();
    }
  }, 120_000);

  it("in JSON parse", () => {
    for (const { page, line, text } of placed("json")) {
      expect(() => JSON.parse(text), `${page}:${line}`).not.toThrow();
    }
  });

  it("for the shell are of pages whose commands a test runs", async () => {
    const tests = [...(await testFiles())].filter(([file]) => !file.endsWith("code-blocks.test.ts"));
    for (const page of new Set(placed("sh").map((block) => block.page))) {
      const readers = tests.filter(([, text]) => text.includes(`"${page}"`)).map(([file]) => file);
      expect(readers, `a test that runs the commands of ${page}`).not.toEqual([]);
    }
  });
});

describe("links and pictures of the documentation", () => {
  const anchorOf = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");

  it.each([...pages])("%s: lead somewhere", async (page, markdown) => {
    const text = markdown.replace(/^```[\s\S]*?^```$/gm, "");
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [path, anchor] = target!.split("#") as [string, string?];
      const file = path === "" ? page : join(page, "..", path);
      const found = await readFile(join(ROOT, file), "utf8").catch(() => null);
      expect(found, `${page} names ${target}`).not.toBeNull();
      if (anchor === undefined) continue;
      const anchors = [...found!.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));
      expect(anchors, `${page} names ${target}`).toContain(anchor);
    }
  });

  it("are drawn for light and dark, with a title and a description", async () => {
    const drawings = [...pages].flatMap(([page, markdown]) =>
      [...markdown.matchAll(/!\[([^\]]*)\]\(([^)]+\.svg)\)/g)].map(([, alt, file]) => ({
        alt: alt!,
        file: join(page, "..", file!),
      })),
    );
    expect(drawings.length).toBeGreaterThan(0);
    for (const { alt, file } of drawings) {
      const svg = await readFile(join(ROOT, file), "utf8");
      expect(alt.length, file).toBeGreaterThan(20);
      expect(svg, file).toMatch(/^<svg [^>]*role="img"/);
      expect(svg, file).toMatch(/<title [^>]*>[^<]+<\/title>\s*<desc [^>]*>[^<]+<\/desc>/);
      const [, light, dark] =
        /<style>([\s\S]*?)@media \(prefers-color-scheme: dark\) \{([\s\S]*)<\/style>/.exec(svg)!;
      const classes = (css: string) => [...css.matchAll(/\.([\w-]+) \{/g)].map(([, name]) => name!);
      const coloured = classes(light!).filter((name) => new RegExp(`\\.${name} \\{[^}]*#`).test(light!));
      // What is coloured for light is coloured for dark.
      expect(classes(dark!), file).toEqual(coloured);
    }
  });
});

/**
 * Checks that imports point the way the layout promises (CONTRIBUTING.md): `define <- engine <- {online, offline} <- serve`,
 * engine without I/O, constructs without what runs in a function, oracles without the engine. Exits 1 and names each import that does not.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

interface Rule {
  /** Files that the rule holds for, by the start of their path. */
  readonly from: string;
  /** Starts of the project paths that they may import; packages and `node:` modules are named whole. */
  readonly may: readonly string[];
  /** Which outside modules they may import; null for any. */
  readonly outside: readonly (string | RegExp)[] | null;
}

const RULES: readonly Rule[] = [
  { from: "lib/define/", may: ["lib/define/"], outside: ["zod"] },
  { from: "lib/engine/", may: ["lib/define/", "lib/engine/"], outside: ["node:crypto", "zod"] },
  { from: "lib/online/", may: ["lib/define/", "lib/engine/", "lib/online/"], outside: null },
  { from: "lib/offline/", may: ["lib/define/", "lib/engine/", "lib/offline/"], outside: null },
  { from: "lib/serve/", may: ["lib/define/", "lib/engine/", "lib/online/", "lib/serve/"], outside: null },
  // Producers wait and try again as the store does.
  {
    from: "lib/client/",
    may: ["lib/define/", "lib/client/", "lib/online/backoff.ts"],
    outside: ["@aws-sdk/client-kinesis", "zod"],
  },
  // Functions are named by their files; what they are bundled by is no part of any.
  {
    from: "lib/bundle/",
    may: [
      "lib/bundle/",
      "lib/cost/pipeline-shape.ts",
      "lib/define/error.ts",
      "lib/offline/history/glue-columns.ts",
    ],
    outside: ["esbuild", "node:child_process", "node:fs", "node:module", "node:path", "node:url"],
  },
  // What runs at synthesis takes nothing in that runs in a function: not the engine, not a client of AWS.
  {
    from: "lib/constructs/",
    may: [
      "lib/bundle/",
      "lib/constructs/",
      "lib/cost/",
      "lib/define/check-options.ts",
      "lib/define/duration.ts",
      "lib/define/error.ts",
      "lib/define/refuse.ts",
      "lib/define/require-known-options.ts",
    ],
    outside: [/^aws-cdk-lib(\/|$)/, "constructs", "esbuild", "node:fs", "node:path", "node:url"],
  },
  // Synthesis prints an estimate, of plain data alone.
  {
    from: "lib/cost/",
    may: [
      "lib/cost/",
      "lib/constructs/heartbeat-plan.ts",
      "lib/constructs/history-buffers.ts",
      "lib/define/check-options.ts",
      "lib/define/duration.ts",
      "lib/define/error.ts",
      "lib/define/require-known-options.ts",
    ],
    outside: [],
  },
  {
    from: "lib/lock/",
    may: ["lib/define/", "lib/engine/", "lib/lock/"],
    outside: ["acorn", "node:crypto", "node:fs/promises", "node:path", "zod"],
  },
  { from: "lib/local/", may: ["lib/", "functions/"], outside: null },
  // Servers' models know nothing of who calls them.
  {
    from: "lib/testing/models/",
    may: ["lib/testing/models/", "lib/engine/ports/"],
    outside: ["@aws-sdk/client-dynamodb", "@aws-sdk/client-kinesis", "node:crypto"],
  },
  { from: "lib/testing/", may: ["lib/", "functions/"], outside: null },
  {
    from: "functions/",
    may: [
      "lib/define/",
      "lib/engine/",
      "lib/online/",
      "lib/offline/",
      "lib/serve/",
      "lib/client/",
      "functions/",
    ],
    outside: null,
  },
  { from: "test/oracles/", may: ["lib/define/", "test/oracles/"], outside: [] },
];

const root = fileURLToPath(new URL("../", import.meta.url));
const IMPORT =
  /(?:^|[;\n])\s*(?:import|export)\s(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;

function matches(allowed: string | RegExp, specifier: string): boolean {
  return typeof allowed === "string" ? allowed === specifier : allowed.test(specifier);
}

const files = ["lib", "functions", "test"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts")),
);
const faults: string[] = [];
let checked = 0;
for (const file of files) {
  const rule = RULES.find(({ from }) => file.startsWith(from));
  if (rule === undefined) continue;
  const text = readFileSync(join(root, file), "utf8");
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2]!;
    checked++;
    if (specifier.startsWith(".")) {
      const target = relative(root, normalize(join(root, dirname(file), specifier))).replaceAll("\\", "/");
      if (!rule.may.some((start) => target.startsWith(start))) faults.push(`${file} imports ${target}`);
    } else if (rule.outside !== null && !rule.outside.some((each) => matches(each, specifier))) {
      faults.push(`${file} imports ${specifier}`);
    }
  }
}
if (checked === 0) faults.push("no import was found: the check itself is broken");
for (const fault of faults) console.error(`not allowed: ${fault}`);
console.log(`${checked} imports in ${files.length} files checked, ${faults.length} not allowed`);
process.exit(faults.length === 0 ? 0 : 1);

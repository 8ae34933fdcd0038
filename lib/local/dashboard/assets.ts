import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { kitModule } from "../../bundle/kit-modules.ts";
import { FreshetError } from "../../define/error.ts";

const CLIENT_ENTRY = kitModule("lib/local/dashboard/client/main");
/** In the order of their cascade. */
const STYLESHEETS = ["theme", "frame", "figures", "tables", "views", "busiest", "columns", "narrow"];

let script: Promise<string> | null = null;

/**
 * The page's script for browsers of the last years, bundled at the first call.
 *
 * @throws FreshetError `BUNDLE_FAILED`
 */
export function clientScript(): Promise<string> {
  script ??= bundleClient().catch((error) => {
    script = null;
    throw error;
  });
  return script;
}

async function bundleClient(): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [CLIENT_ENTRY],
      bundle: true,
      write: false,
      format: "iife",
      platform: "browser",
      target: "es2022",
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
    });
    return outputFiles[0]!.text;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FreshetError("BUNDLE_FAILED", `the live page's script could not be bundled: ${reason}`, {
      cause,
    });
  }
}

/** The page's styles, read at each call. */
export async function stylesheet(): Promise<string> {
  const sheets = await Promise.all(
    STYLESHEETS.map((name) => readFile(new URL(`styles/${name}.css`, import.meta.url), "utf8")),
  );
  return sheets.join("\n");
}

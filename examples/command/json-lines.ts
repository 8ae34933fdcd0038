import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile, truncate } from "node:fs/promises";
import { FreshetError } from "../../lib/index.ts";

/** A file of JSON objects, one a line. */
export interface JsonLines {
  write(value: object): void;
  close(): Promise<void>;
}

/**
 * Opens a file for writing, empty or behind the lines that it has.
 *
 * @throws FreshetError `OPTION_INVALID` when it cannot be written.
 */
export async function openJsonLines(
  file: string,
  option: string,
  { append = false } = {},
): Promise<JsonLines> {
  if (append) await dropCutLine(file);
  const stream = createWriteStream(file, { flags: append ? "a" : "w" });
  try {
    await once(stream, "open");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FreshetError("OPTION_INVALID", `${option} ${file} cannot be written: ${reason}.`, { cause });
  }
  let failure: Error | null = null;
  stream.on("error", (error) => {
    failure = error;
  });
  return {
    write: (value) => {
      stream.write(`${JSON.stringify(value)}\n`);
    },
    close: async () => {
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      if (failure !== null) throw failure;
    },
  };
}

/** What a kill left of a line goes. */
async function dropCutLine(file: string): Promise<void> {
  try {
    const written = await readFile(file);
    await truncate(file, written.lastIndexOf("\n") + 1);
  } catch {
    // Nothing to go on behind, or nothing that can be opened: opening it will tell.
  }
}

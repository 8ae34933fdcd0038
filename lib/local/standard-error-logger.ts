import type { Writable } from "node:stream";
import { FreshetError } from "../define/error.ts";

/** Takes structured log lines. */
export interface LocalLogger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Writes warnings and errors as JSON lines, on standard error; a line a request, which `info` is, would drown them. */
export function createStandardErrorLogger(output: Writable = process.stderr): LocalLogger {
  const write = (level: "warn" | "error") => (message: string, fields: Readonly<Record<string, unknown>>) => {
    output.write(`${JSON.stringify({ level, message, ...fields }, errorsAsObjects)}\n`);
  };
  return { info: () => {}, warn: write("warn"), error: write("error") };
}

function errorsAsObjects(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, cause, stack } = value;
  const code = value instanceof FreshetError ? value.code : undefined;
  return { name, code, message, stack, cause };
}

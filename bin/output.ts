/** Where a command prints, a line or a block of lines at a time. */
export interface Output {
  write(text: string): void;
  writeError(text: string): void;
}

/** The terminal. */
export const standardOutput: Output = {
  write: (text) => process.stdout.write(`${text}\n`),
  writeError: (text) => process.stderr.write(`${text}\n`),
};

import { SingleBar } from "cli-progress";

/** Shows how far a replay is. */
export interface ProgressDisplay {
  /** `text` is one line without its end. */
  update(doneMs: number, text: string): void;
  /** Writes a line that stays. */
  say(line: string): void;
  stop(): void;
}

/** Where nobody watches a bar, a line this often. */
const LINE_EVERY_MS = 5_000;

/** A bar on a terminal, else a line now and then; on standard error, so that standard output is the result alone. */
export function startProgress(options: {
  readonly totalMs: number;
  readonly quiet: boolean;
  readonly stream?: NodeJS.WriteStream;
}): ProgressDisplay {
  const { totalMs, quiet, stream = process.stderr } = options;
  if (quiet) return { update: () => {}, say: () => {}, stop: () => {} };
  if (!stream.isTTY) {
    let nextMs = 0;
    return {
      update: (_, text) => {
        if (performance.now() < nextMs) return;
        nextMs = performance.now() + LINE_EVERY_MS;
        stream.write(`${text}\n`);
      },
      say: (line) => {
        stream.write(`${line}\n`);
      },
      stop: () => {},
    };
  }
  const bar = new SingleBar({
    format: "{bar} {percentage}% | {text}",
    stream,
    hideCursor: true,
    barsize: 20,
  });
  let text = "";
  let doneMs = 0;
  bar.start(totalMs, 0, { text });
  return {
    update: (ms, line) => {
      text = line;
      doneMs = ms;
      bar.update(ms, { text });
    },
    say: (line) => {
      bar.stop();
      stream.write(`${line}\n`);
      bar.start(totalMs, doneMs, { text });
    },
    stop: () => bar.stop(),
  };
}

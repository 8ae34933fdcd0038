/** How fast a replay's clock runs against the machine's. */
export interface ClockSpeed {
  note(wallMs: number, clockMs: number): void;
  /** Clock time per machine time over the noted span; null until there are two notes. */
  read(): number | null;
}

export function createClockSpeed(options: { readonly spanMs: number }): ClockSpeed {
  const notes: { readonly wallMs: number; readonly clockMs: number }[] = [];
  return {
    note(wallMs, clockMs) {
      notes.push({ wallMs, clockMs });
      while (notes.length > 2 && wallMs - notes[0]!.wallMs > options.spanMs) notes.shift();
    },
    read() {
      const [first, last] = [notes[0], notes.at(-1)];
      if (first === undefined || last === undefined || last.wallMs <= first.wallMs) return null;
      return (last.clockMs - first.clockMs) / (last.wallMs - first.wallMs);
    },
  };
}

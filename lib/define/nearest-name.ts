import { quote } from "./refuse.ts";

/** A name that is not allowed, as a refusal quotes it: with the one that it most likely stands for. */
export function quoteWithNearest(given: string, allowed: readonly string[]): string {
  const nearest = nearestName(given, allowed);
  return nearest === undefined ? quote(given) : `${quote(given)} (did you mean ${quote(nearest)}?)`;
}

/** The allowed name that a misspelt one most likely stands for; undefined where none is near. */
export function nearestName(given: string, allowed: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  let nearest: string | undefined;
  // A third of the letters may be wrong; more is another word.
  let fewest = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const name of allowed) {
    const edits = editsBetween(word, name.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [name, edits];
  }
  return nearest;
}

/** How many letters to add, drop, change, or swap with the next, to make one word of the other. */
function editsBetween(from: string, to: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        above[column]! + 1,
        current[column - 1]! + 1,
        above[column - 1]! + (isSame ? 0 : 1),
        isSwapped ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, above] = [above, current];
  }
  return above[to.length]!;
}

/** Characters that a text is cut to. */
const LONGEST = 100;

/** Characters that are shown before the first that differs. */
const LEAD_IN = 30;

const CUT = "...";

/** Two texts, one that is long cut to where it begins to differ from the other, with `...` for what is left out. */
export function aroundDifference(from: string, to: string): readonly [from: string, to: string] {
  // By code points: none is cut in two.
  const [left, right] = [[...from], [...to]];
  let first = 0;
  while (first < left.length && left[first] === right[first]) first += 1;
  return [cutAround(left, first), cutAround(right, first)];
}

function cutAround(text: readonly string[], at: number): string {
  if (text.length <= LONGEST) return text.join("");
  const start = at < LONGEST - LEAD_IN ? 0 : at - LEAD_IN;
  const before = start === 0 ? "" : CUT;
  const room = LONGEST - before.length;
  const isWhole = text.length - start <= room;
  const shown = text.slice(start, isWhole ? undefined : start + room - CUT.length);
  return `${before}${shown.join("")}${isWhole ? "" : CUT}`;
}

import { drawn, setAttribute } from "./element.ts";
import { amount, duration } from "./format.ts";

const HEIGHT = 22;
const BAR = 3;
const GAP = 1;

/** Draws tiles as bars, oldest first, in an image that says their range. */
export function drawBars(
  image: SVGSVGElement,
  { tiles, tileMs, measure }: { tiles: readonly (number | null)[]; tileMs: number; measure: string },
): void {
  const width = tiles.length * (BAR + GAP) - GAP;
  setAttribute(image, "viewBox", `0 0 ${width} ${HEIGHT}`);
  const known = tiles.filter((tile) => tile !== null);
  const greatest = Math.max(...known, 0);
  const least = Math.min(...known, 0);
  const range = greatest - least || 1;
  const zero = least < 0 ? (greatest / range) * (HEIGHT - 1) : HEIGHT - 1;
  const path = tiles.map((tile, index) => {
    if (tile === null) return "";
    const height = (tile / range) * (HEIGHT - 1);
    // An empty tile keeps a line of its own: it is known to be empty.
    const [top, bottom] = height >= 0 ? [zero - height, zero + 1] : [zero, zero - height + 1];
    return `M${index * (BAR + GAP)} ${round(top)}h${BAR}V${round(bottom)}h-${BAR}z`;
  });
  if (image.firstElementChild === null) image.append(drawn("path"));
  setAttribute(image.firstElementChild!, "d", path.join(""));
  const label =
    known.length === 0
      ? "no tiles"
      : `${measure} in ${tiles.length} tiles of ${duration(tileMs)}: ${amount(Math.min(...known))} to ${amount(greatest)}, the last ${amount(tiles.at(-1) ?? null)}`;
  setAttribute(image, "aria-label", label);
}

const round = (value: number): number => Math.round(value * 100) / 100;

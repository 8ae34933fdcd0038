import type { LagSample } from "../snapshot.ts";
import { drawn, setAttribute } from "./element.ts";
import { duration } from "./format.ts";

const WIDTH = 160;
const HEIGHT = 28;
const SPAN_MS = 120_000;
/** Samples further apart are not joined: nobody watched in between. */
const GAP_MS = 5_000;

/** Draws lag over the last two minutes against the SLA, a dashed line. */
export function drawLag(
  image: SVGSVGElement,
  { samples, slaMs, nowMs }: { samples: readonly LagSample[]; slaMs: number; nowMs: number },
): void {
  const recent = samples.filter(([atMs]) => nowMs - atMs <= SPAN_MS);
  const worst = Math.max(0, ...recent.map(([, lagMs]) => lagMs ?? 0));
  const most = Math.max(worst, slaMs) * 1.12;
  const x = (atMs: number) => round(WIDTH * (1 - (nowMs - atMs) / SPAN_MS));
  const y = (lagMs: number) => round(1 + (HEIGHT - 2) * (1 - lagMs / most));
  let path = "";
  let previousMs = Number.NEGATIVE_INFINITY;
  for (const [atMs, lagMs] of recent) {
    if (lagMs === null) previousMs = Number.NEGATIVE_INFINITY;
    else {
      // A sample alone is a dot: a line of no length with round ends.
      path += atMs - previousMs > GAP_MS ? `M${x(atMs)} ${y(lagMs)}h0` : `L${x(atMs)} ${y(lagMs)}`;
      previousMs = atMs;
    }
  }
  if (image.childElementCount === 0) {
    setAttribute(image, "viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    setAttribute(image, "preserveAspectRatio", "none");
    image.append(drawn("line", { class: "sla", x1: 0, x2: WIDTH }), drawn("path", { class: "line" }));
  }
  const [sla, line] = image.children;
  setAttribute(sla!, "y1", y(slaMs));
  setAttribute(sla!, "y2", y(slaMs));
  setAttribute(line!, "d", path);
  setAttribute(
    image,
    "aria-label",
    `lag of the last two minutes: at most ${duration(worst)}; SLA ${duration(slaMs)}`,
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;

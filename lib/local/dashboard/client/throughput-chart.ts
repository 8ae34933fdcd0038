import type { Throughput } from "../snapshot.ts";
import { drawn, element, setAttribute, setText } from "./element.ts";
import { amount, duration } from "./format.ts";

const HEIGHT = 96;
/** Room for the line's own width. */
const TOP = 2;

/** An area of events a second; a pointer over it tells the value of its second. */
export function throughputChart(parent: HTMLElement): (throughput: Throughput) => void {
  const area = drawn("path", { class: "area" });
  const line = drawn("path", { class: "line" });
  const rule = drawn("line", { class: "rule", y1: 0, y2: HEIGHT, visibility: "hidden" });
  const image = drawn("svg", { class: "chart", role: "img", preserveAspectRatio: "none" }, area, line, rule);
  const most = element("span", { class: "most" });
  const since = element("span");
  const read = element("span", { class: "read" });
  parent.append(most, image, element("p", { class: "axis", "aria-hidden": "true" }, since, read, "now"));
  let shown: Throughput | null = null;
  let pointerX: number | null = null;

  const readOut = () => {
    if (shown === null || pointerX === null) {
      setText(read, "");
      setAttribute(rule, "visibility", "hidden");
      return;
    }
    const { events, bucketMs } = shown;
    const { left, width } = image.getBoundingClientRect();
    const last = events.length - 1;
    const index = Math.min(last, Math.max(0, Math.round(((pointerX - left) / width) * last)));
    setText(
      read,
      `${duration((last - index) * bucketMs)} ago: ${amount(perSecond(events[index]!, bucketMs))}/s`,
    );
    setAttribute(rule, "x1", index);
    setAttribute(rule, "x2", index);
    setAttribute(rule, "visibility", "visible");
  };
  image.addEventListener("pointermove", ({ clientX }) => {
    pointerX = clientX;
    readOut();
  });
  image.addEventListener("pointerleave", () => {
    pointerX = null;
    readOut();
  });

  return (throughput) => {
    shown = throughput;
    const { bucketMs } = throughput;
    const events = throughput.events.length > 1 ? throughput.events : [0, 0];
    const greatest = Math.max(...events, 1);
    const y = (value: number) => Math.round(100 * (TOP + (HEIGHT - TOP) * (1 - value / greatest))) / 100;
    const points = events.map((value, index) => `${index} ${y(value)}`).join("L");
    setAttribute(image, "viewBox", `0 0 ${events.length - 1} ${HEIGHT}`);
    setAttribute(line, "d", `M${points}`);
    setAttribute(area, "d", `M${points}V${HEIGHT}H0z`);
    setText(most, `at most ${amount(perSecond(greatest, bucketMs))}`);
    setText(since, `${duration(events.length * bucketMs)} ago`);
    const label = `events a second over the last ${duration(events.length * bucketMs)}, at most ${amount(perSecond(greatest, bucketMs))}`;
    setAttribute(image, "aria-label", label);
    readOut();
  };
}

const perSecond = (events: number, bucketMs: number): number => (1000 * events) / bucketMs;

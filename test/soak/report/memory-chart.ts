import { type Phase, type Sample, thirds } from "../measure/sample.ts";

// The curve of a run, as an SVG for the docs and as text for a terminal.

const WIDTH = 880;
const PANEL = { left: 64, right: 24, width: 792, height: 150 } as const;
const TOPS = [64, 266, 468] as const;
const HEIGHT = 664;
const MIB = 1_048_576;

interface Curve {
  readonly name: string;
  readonly style: string;
  readonly at: (sample: Sample) => number;
}

const MEMORY: readonly Curve[] = [
  { name: "resident", style: "resident", at: ({ rssBytes }) => rssBytes / MIB },
  { name: "live, of it: after a collection", style: "live", at: (sample) => liveBytes(sample) / MIB },
  { name: "data of the servers", style: "servers", at: (sample) => serverBytes(sample) / MIB },
];
const RATE: readonly Curve[] = [
  { name: "records put a second", style: "live", at: ({ perSecond }) => perSecond },
];
const LAG: readonly Curve[] = [
  {
    name: "longest lag since the sample before, s",
    style: "resident",
    at: ({ mostLagMs }) => mostLagMs / 1_000,
  },
];

export const liveBytes = ({ heapBytes, externalBytes }: Sample): number => heapBytes + externalBytes;
export const serverBytes = ({ tableBytes, streamBytes }: Sample): number => tableBytes + streamBytes;

/** @param title - what was run, where and for how long. */
export function memorySvg(samples: readonly Sample[], title: string): string {
  const endMs = samples.at(-1)?.atMs ?? 1;
  const x = (atMs: number): number => PANEL.left + (PANEL.width * atMs) / endMs;
  const judgedMs = samples.find(({ phase }) => phase === "judged")?.atMs ?? endMs;
  const panels = [
    { unit: "MiB", curves: MEMORY, topAt: TOPS[0] },
    { unit: "1/s", curves: RATE, topAt: TOPS[1] },
    { unit: "s", curves: LAG, topAt: TOPS[2] },
  ].map(({ unit, curves, topAt }) => panel({ samples, unit, curves, topAt, x }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title desc" font-family="ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13">
  <title id="title">${escapeXml(title)}</title>
  <desc id="desc">Memory of the pipeline's process, records put a second and lag, over the time of the run.</desc>
  <style>
    :root { color-scheme: light dark; }
    .paper { fill: #ffffff; } .judged { fill: #e8effa; } .text { fill: #1d2733; } .note { fill: #56626f; }
    .axis { stroke: #b9c2cb; fill: none; } .curve { fill: none; stroke-width: 2; }
    .resident { stroke: #c4742d; } .live { stroke: #3f6fb5; } .servers { stroke: #3f9464; }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0f151b; } .judged { fill: #16263d; } .text { fill: #e6ebf0; } .note { fill: #a3aeb9; }
      .axis { stroke: #47535f; } .resident { stroke: #d98b45; } .live { stroke: #6f9bdb; } .servers { stroke: #4caf7d; }
    }
  </style>
  <rect class="paper" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
  <text class="text" x="${PANEL.left}" y="28" font-weight="600">${escapeXml(title)}</text>
${TOPS.map((top) => `  <rect class="judged" x="${round(x(judgedMs))}" y="${top}" width="${round(x(endMs) - x(judgedMs))}" height="${PANEL.height}"/>`).join("\n")}
${panels.join("\n")}
  <text class="note" x="${PANEL.left}" y="${HEIGHT - 12}">0 s</text>
  <text class="note" x="${round(x(judgedMs))}" y="${HEIGHT - 12}" text-anchor="middle">judged from ${seconds(judgedMs)}</text>
  <text class="note" x="${round(x(endMs))}" y="${HEIGHT - 12}" text-anchor="end">${seconds(endMs)}</text>
</svg>
`;
}

function panel({
  samples,
  unit,
  curves,
  topAt,
  x,
}: {
  readonly samples: readonly Sample[];
  readonly unit: string;
  readonly curves: readonly Curve[];
  readonly topAt: number;
  readonly x: (atMs: number) => number;
}): string {
  const most = roundUp(Math.max(1, ...curves.flatMap(({ at }) => samples.map(at))));
  const bottom = topAt + PANEL.height;
  const lines = curves.map(({ style, at }) => {
    const points = samples.map(
      (sample) => `${round(x(sample.atMs))},${round(bottom - (PANEL.height * at(sample)) / most)}`,
    );
    return `  <polyline class="curve ${style}" points="${points.join(" ")}"/>`;
  });
  let nameX = PANEL.left;
  const names = curves.map(({ name, style }) => {
    const text = `  <line class="curve ${style}" x1="${nameX}" y1="${topAt - 12}" x2="${nameX + 18}" y2="${topAt - 12}"/><text class="note" x="${nameX + 24}" y="${topAt - 8}">${escapeXml(name)}</text>`;
    nameX += 60 + name.length * 7;
    return text;
  });
  return [
    `  <path class="axis" d="M${PANEL.left} ${topAt}V${bottom}H${PANEL.left + PANEL.width}"/>`,
    `  <text class="note" x="${PANEL.left - 8}" y="${topAt + 10}" text-anchor="end">${most}</text>`,
    `  <text class="note" x="${PANEL.left - 8}" y="${topAt + 26}" text-anchor="end">${unit}</text>`,
    `  <text class="note" x="${PANEL.left - 8}" y="${bottom}" text-anchor="end">0</text>`,
    ...names,
    ...lines,
  ].join("\n");
}

const BAR = 40;
const MOST_LINES = 40;

/** A line a sample, at most so many of them: a bar of resident memory, in it the live part. */
export function memoryText(samples: readonly Sample[]): string {
  const most = Math.max(1, ...samples.map(({ rssBytes }) => rssBytes));
  const every = Math.ceil(samples.length / MOST_LINES);
  const mib = (bytes: number) => (bytes / MIB).toFixed(0).padStart(5);
  const lines = samples
    .filter((_, index) => index % every === 0 || index === samples.length - 1)
    .map((sample) => {
      const live = Math.round((BAR * liveBytes(sample)) / most);
      const bar = "#".repeat(live) + "-".repeat(Math.round((BAR * sample.rssBytes) / most) - live);
      const phase: Record<Phase, string> = { "first records": " ", filling: "~", judged: "|" };
      return `${seconds(sample.atMs).padStart(7)} ${phase[sample.phase]}${bar.padEnd(BAR)} ${mib(sample.rssBytes)} ${mib(liveBytes(sample))} ${mib(serverBytes(sample))} MiB ${sample.perSecond.toFixed(0).padStart(6)}/s`;
    });
  return [
    "  time    resident memory (#: live); resident, live, data of the servers; records a second (|: judged)",
    ...lines,
  ].join("\n");
}

/** What a measure was in the first and in the last third, in MiB. */
export function thirdsMib(
  samples: readonly Sample[],
  measure: (sample: Sample) => number,
): { readonly first: number; readonly last: number } {
  const { first, last } = thirds(samples, measure);
  return { first: first / MIB, last: last / MIB };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/** To one or two significant digits. */
function roundUp(value: number): number {
  let unit = 1;
  while (unit * 10 < value) unit *= 10;
  return Math.ceil(value / (unit / 2)) * (unit / 2);
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

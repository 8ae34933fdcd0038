import { checkOptions, type OptionNames } from "../check-options.ts";
import { type Duration, parseDuration } from "../duration.ts";
import { quote, refuse } from "../refuse.ts";
import { defaultSlidingHopMs, hoppingTileMs, tumblingTileMs, type Window } from "../window.ts";
import type { HoppingOptions, SessionOptions, WindowOptions, WindowRequest } from "./windowed-feature.ts";

/** A window, and how it ends the names of its features. */
export interface NamedWindow {
  readonly suffix: string;
  readonly window: Window;
}

const HOP: OptionNames<WindowOptions> = { hop: true };
const OPTIONS: Readonly<Record<WindowRequest["kind"], OptionNames>> = {
  sliding: HOP,
  tumbling: HOP,
  hopping: { slide: true, hop: true } satisfies OptionNames<HoppingOptions<Duration>>,
  session: { gap: true, max: true } satisfies OptionNames<SessionOptions<Duration, Duration>>,
  lifetime: {},
};

/**
 * The windows of one request: two for tumbling, the last closed one and the current.
 *
 * @throws FreshetError `DEFINITION_INVALID` for an option that does not exist, and a duration or a hop that is not allowed.
 */
export function expandWindow(place: string, request: WindowRequest): readonly NamedWindow[] {
  const { kind, options = {} } = request;
  const method = kind === "sliding" ? "over" : kind;
  checkOptions(place, options, OPTIONS[kind], `the options of ${method}`);
  if (request.kind === "lifetime") return [{ suffix: "lifetime", window: { kind: "lifetime" } }];
  if (request.kind === "session")
    return [sessionOf(place, options as Partial<SessionOptions<Duration, Duration>>)];
  const { width } = request;
  const { slide, hop } = options as Partial<HoppingOptions<Duration>>;
  const widthMs = parseDuration(width, `${place}, window`);
  const slideMs = request.kind === "hopping" ? slideOf(place, slide, width, widthMs) : widthMs;
  const standardMs = {
    sliding: () => defaultSlidingHopMs(widthMs),
    tumbling: () => tumblingTileMs(widthMs),
    hopping: () => hoppingTileMs(widthMs, slideMs),
  }[request.kind]();
  const hopMs = hop === undefined ? standardMs : parseDuration(hop, `${place}, hop`);
  if (hopMs > widthMs) refuse(place, `hop ${quote(hop)} is longer than the window ${quote(width)}.`);
  if (request.kind === "sliding") return [{ suffix: width, window: { kind: "sliding", widthMs, hopMs } }];
  if (widthMs % hopMs !== 0) {
    refuse(place, `hop ${quote(hop)} does not divide the ${request.kind} window ${quote(width)}.`);
  }
  if (request.kind === "hopping") {
    if (slideMs % hopMs !== 0) refuse(place, `hop ${quote(hop)} does not divide the slide ${quote(slide)}.`);
    return [{ suffix: `hopping_${width}_${slide}`, window: { kind: "hopping", widthMs, slideMs, hopMs } }];
  }
  return [
    { suffix: `tumbling_${width}`, window: { kind: "tumbling", widthMs, hopMs, which: "closed" } },
    { suffix: `tumbling_${width}_current`, window: { kind: "tumbling", widthMs, hopMs, which: "current" } },
  ];
}

/** The longest that a session may be let to get. */
const MAX_SESSION_MS = 30 * 86_400_000;

function sessionOf(place: string, given: Partial<SessionOptions<Duration, Duration>>): NamedWindow {
  for (const option of ["gap", "max"] as const) {
    if (given[option] === undefined) {
      refuse(
        place,
        `session has no ${option}; write both, such as .session({ gap: "30m", max: "12h" }): an endless session has no bound.`,
      );
    }
  }
  const { gap, max } = given as SessionOptions<Duration, Duration>;
  const gapMs = parseDuration(gap, `${place}, session gap`);
  const maxMs = parseDuration(max, `${place}, session max`);
  if (maxMs < gapMs) refuse(place, `session max ${quote(max)} is shorter than its gap ${quote(gap)}.`);
  if (maxMs > MAX_SESSION_MS) refuse(place, `session max is ${quote(max)}; at most 30d is allowed.`);
  return { suffix: `session_${gap}_${max}`, window: { kind: "session", gapMs, maxMs } };
}

function slideOf(place: string, slide: unknown, width: string, widthMs: number): number {
  if (typeof slide !== "string") {
    refuse(place, `slide is ${quote(slide)}; write how far apart hopping windows end, such as "15m".`);
  }
  const slideMs = parseDuration(slide as Duration, `${place}, slide`);
  if (slideMs > widthMs) {
    refuse(
      place,
      `slide ${quote(slide)} is longer than the hopping window ${quote(width)}; events between two windows would be in none.`,
    );
  }
  return slideMs;
}

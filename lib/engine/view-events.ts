import type { Scalar } from "../define/where.ts";
import { type FieldValues, fieldNames } from "./decode/field-values.ts";
import { compileDigest, compileKey, compileNumber, compileScalar, compileWhere } from "./expression.ts";
import type { ViewPlan } from "./plan.ts";
import type { EventOrigin } from "./record.ts";

/** Set where the event carries an id of its own, which is deduplicated (R3). */
export const HAS_ID = 1;
/** The view's own filter leaves the event out. */
export const EXCLUDED = 2;
/** The view's own filter threw. */
export const FILTER_THREW = 4;
/** A filter or a value of one of the view's features threw. */
export const FEATURE_THREW = 8;

/** Where an event's numbers stand behind the first of them; the values of the plan's feeds follow, in order. */
export const EVENT_TIME = 0;
export const ARRIVAL = 1;
/** The later of declared arrival and Kinesis's own stamp. */
export const STAMP = 2;
export const IDENTITY_HIGH = 3;
export const IDENTITY_LOW = 4;
/** Of {@link HAS_ID}, {@link EXCLUDED}, {@link FILTER_THREW} and {@link FEATURE_THREW}. */
export const FLAGS = 5;
export const FIRST_FEED = 6;

/** Some of a view's events, in sequence order: the entity's that folds them. */
export interface EventRange {
  /** Indices of events, of which those `from` to before `to` are meant. */
  readonly order: Int32Array;
  readonly from: number;
  readonly to: number;
}

/**
 * Events as one view folds them: what its filters and values make of an event is worked out when it is put here, once,
 * and nothing else of the decoded record is held on to. Objects that live as long as a batch cost more in garbage
 * collection than all else that is done with them.
 */
export class ViewEvents {
  /** `stride` doubles an event. A feed's is NaN where the event has nothing for it, 0 where it has a scalar. */
  readonly numbers: Float64Array;
  readonly stride: number;
  readonly sequenceNumbers: string[];
  /** That of the first event; null when there is none. */
  lowestSequenceNumber: string | null = null;
  /** By feed: the values where its columns take any scalar; null for the others. */
  readonly scalars: readonly (Scalar[] | null)[];
  /** By feed: the keys where its columns keep partials by key; null for the others. */
  readonly keys: readonly (string[] | null)[];
  /** What a function of the definition threw, by event. */
  readonly thrown = new Map<number, string>();
  private readonly evaluators: Evaluators;

  constructor(
    plan: ViewPlan,
    readonly capacity: number,
  ) {
    this.evaluators = evaluatorsOf(plan);
    const { feeds } = this.evaluators;
    this.stride = FIRST_FEED + feeds.length;
    this.numbers = new Float64Array(capacity * this.stride);
    this.sequenceNumbers = new Array(capacity);
    this.scalars = feeds.map(({ scalar }) => (scalar === null ? null : []));
    this.keys = feeds.map(({ key }) => (key === null ? null : []));
  }

  /** Makes room for other events. */
  clear(): void {
    this.lowestSequenceNumber = null;
    this.thrown.clear();
  }

  /**
   * Puts an event at an index below the capacity. Events are put in the order of their indices, which is that of their
   * sequence numbers.
   */
  put(index: number, event: EventOrigin, values: FieldValues): void {
    const { numbers } = this;
    this.lowestSequenceNumber ??= event.sequenceNumber;
    const at = index * this.stride;
    this.sequenceNumbers[index] = event.sequenceNumber;
    numbers[at + EVENT_TIME] = event.eventTimeMs;
    numbers[at + ARRIVAL] = event.arrivalMs;
    numbers[at + STAMP] = Math.max(event.arrivalMs, event.approximateArrivalMs);
    numbers[at + IDENTITY_HIGH] = event.identityHigh;
    numbers[at + IDENTITY_LOW] = event.identityLow;
    numbers[at + FLAGS] = (event.hasEventId ? HAS_ID : 0) | this.evaluate(index, values);
  }

  private evaluate(index: number, values: FieldValues): number {
    const { belongs, feeds } = this.evaluators;
    let failed = FILTER_THREW;
    try {
      if (belongs !== null && !belongs(values)) return EXCLUDED;
      failed = FEATURE_THREW;
      for (let feed = 0; feed < feeds.length; feed++) this.take(index, feed, values, feeds[feed]!);
      return 0;
    } catch (error) {
      this.thrown.set(index, thrownText(error));
      return failed;
    }
  }

  private take(
    index: number,
    feed: number,
    values: FieldValues,
    { matches, key, number, scalar }: FeedEvaluator,
  ): void {
    const { numbers } = this;
    const at = index * this.stride + FIRST_FEED + feed;
    numbers[at] = Number.NaN;
    if (matches !== null && !matches(values)) return;
    if (key !== null) {
      const text = key(values);
      if (text === null) return;
      this.keys[feed]![index] = text;
    }
    if (number !== null) number(values, numbers, at);
    else {
      const taken = scalar === null ? true : scalar(values);
      if (taken === null) return;
      if (scalar !== null) this.scalars[feed]![index] = taken;
      numbers[at] = 0;
    }
  }
}

/** What was thrown, as text: a definition's function may throw what cannot be made text of, and that must not throw again. */
function thrownText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "a value that has no text";
  }
}

/** How a feed's values are worked out and kept. */
interface FeedEvaluator {
  readonly matches: ((values: FieldValues) => boolean) | null;
  readonly key: ((values: FieldValues) => string | null) | null;
  /** Puts the number that is kept of the value, NaN where there is none: a number that is answered takes an object. */
  readonly number: ((values: FieldValues, into: Float64Array, at: number) => void) | null;
  /** The value where any scalar is kept. */
  readonly scalar: ((values: FieldValues) => Scalar | null) | null;
}

interface Evaluators {
  readonly belongs: ((values: FieldValues) => boolean) | null;
  readonly feeds: readonly FeedEvaluator[];
}

const compiled = new WeakMap<ViewPlan, Evaluators>();

function evaluatorsOf(plan: ViewPlan): Evaluators {
  let evaluators = compiled.get(plan);
  if (evaluators === undefined) {
    const { where, source } = plan.view;
    const names = fieldNames(source);
    const feeds: FeedEvaluator[] = [];
    for (const column of plan.columns) feeds[column.feed] ??= feedEvaluator(column, names);
    evaluators = { belongs: where === null ? null : compileWhere(where, names), feeds };
    compiled.set(plan, evaluators);
  }
  return evaluators;
}

function feedEvaluator(
  { kind, value, where, by }: ViewPlan["columns"][number],
  names: readonly string[],
): FeedEvaluator {
  const evaluator: FeedEvaluator = {
    matches: where === null ? null : compileWhere(where, names),
    key: by === undefined ? null : compileKey(by, names),
    number: null,
    scalar: null,
  };
  if (value === null) return evaluator;
  const { accepts, digest } = kind;
  if (digest !== undefined) return { ...evaluator, number: compileDigest(value, { accepts, digest }, names) };
  if (accepts === "number") return { ...evaluator, number: compileNumber(value, names) };
  return { ...evaluator, scalar: compileScalar(value, names) };
}

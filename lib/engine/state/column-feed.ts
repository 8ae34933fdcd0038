import { OBJECT } from "../aggregations/arithmetic.ts";
import type { ViewPlan } from "../plan.ts";

/** Columns of one level that take the same value of the same events, by where they stand in its rows. */
export interface FeedSlots {
  /** The plan's number of the feed. */
  readonly feed: number;
  /** Slots of columns of single numbers. */
  readonly arithmetic: readonly number[];
  /** Slots of columns of objects. */
  readonly objects: readonly number[];
}

/** What an event enters at one level. */
export interface LevelEntry {
  readonly level: number;
  readonly feeds: readonly FeedSlots[];
  /** The columns that enter here, for an event that is too old for the level. */
  readonly columns: readonly EnteringColumn[];
}

/** A column that enters at one level, and the coarser levels that have it too, finest first. */
export interface EnteringColumn {
  readonly coarser: readonly { readonly level: number; readonly feed: FeedSlots }[];
}

/** A column of a level's rows, and where its partials go when a row ages out. */
export interface AgingColumn {
  readonly slot: number;
  /** The coarser levels that have the column, finest first, and where it stands in their rows. */
  readonly targets: readonly { readonly level: number; readonly slot: number }[];
}

/** Where each column of a view stands in rows of tiles and sessions: where events enter, and where rows age out to. */
export interface ColumnFeed {
  readonly entries: readonly LevelEntry[];
  /** `aging[level]`: the columns that a coarser level has too. */
  readonly aging: readonly (readonly AgingColumn[])[];
  /** `sessions[i]`: what an event enters in the plan's i-th sessions. */
  readonly sessions: readonly (readonly FeedSlots[])[];
}

export function columnFeed(plan: ViewPlan): ColumnFeed {
  const { levels, columns } = plan;
  const slotOf = (level: number, column: number) => levels[level]!.columns.indexOf(column);
  const slotsIn = (row: readonly number[], feed: number, ofFeed: readonly number[]): FeedSlots => {
    const isArithmetic = (column: number) => (columns[column]!.kind.arithmetic ?? OBJECT) !== OBJECT;
    const slots = (some: readonly number[]) => some.map((column) => row.indexOf(column));
    return {
      feed,
      arithmetic: slots(ofFeed.filter(isArithmetic)),
      objects: slots(ofFeed.filter((column) => !isArithmetic(column))),
    };
  };
  const slotsOf = (level: number, feed: number, ofFeed: readonly number[]) =>
    slotsIn(levels[level]!.columns, feed, ofFeed);
  const feedsOf = (some: readonly number[]) => [...new Set(some.map((column) => columns[column]!.feed))];
  const withFeed = (some: readonly number[], feed: number) =>
    some.filter((column) => columns[column]!.feed === feed);
  const coarserThan = (level: number, column: number) =>
    columns[column]!.levels.filter((other) => other > level);

  const entries = levels.flatMap((_, level): readonly LevelEntry[] => {
    const entering = columns.flatMap((column, index) => (column.levels[0] === level ? [index] : []));
    if (entering.length === 0) return [];
    return [
      {
        level,
        feeds: feedsOf(entering).map((feed) => slotsOf(level, feed, withFeed(entering, feed))),
        columns: entering.map((column) => ({
          coarser: coarserThan(level, column).map((other) => ({
            level: other,
            feed: slotsOf(other, columns[column]!.feed, [column]),
          })),
        })),
      },
    ];
  });
  const aging = levels.map((level, index) =>
    level.columns.flatMap((column, slot) => {
      const targets = coarserThan(index, column).map((other) => ({
        level: other,
        slot: slotOf(other, column),
      }));
      return targets.length === 0 ? [] : [{ slot, targets }];
    }),
  );
  const sessions = plan.sessions.map(({ columns: row }) =>
    feedsOf(row).map((feed) => slotsIn(row, feed, withFeed(row, feed))),
  );
  return { entries, aging, sessions };
}

import type { ColumnInput } from "../aggregations/column-kind.ts";
import { compileValue, compileWhere, type Row } from "../expression.ts";
import type { ViewPlan } from "../plan.ts";
import type { SourceEvent } from "../record.ts";
import type { RowCells } from "./row-cells.ts";

/** Columns that take the same value of the same rows, so that an event is asked for it once. */
export interface Feed {
  readonly matches: ((row: Row) => boolean) | null;
  readonly value: ((row: Row) => string | number | boolean | null) | null;
  readonly columns: readonly number[];
  /** `slots[i]`: where `columns[i]` stands in the rows of the level that the feed enters. */
  readonly slots: readonly number[];
}

/** What an event enters at one level. */
export interface LevelEntry {
  readonly level: number;
  readonly feeds: readonly Feed[];
}

/** A column of a level's rows, and where its partials go when a row ages out. */
export interface AgingColumn {
  readonly slot: number;
  /** The coarser levels that have the column, finest first, and where it stands in their rows. */
  readonly targets: readonly { readonly level: number; readonly slot: number }[];
}

const input: ColumnInput = { value: 0, eventTimeMs: 0, identityHigh: 0, identityLow: 0 };

/** Filters and values of a view's columns, compiled, and where each column stands in the rows of each level. */
export class ColumnFeed {
  readonly entries: readonly LevelEntry[];
  /** `aging[level]`: the columns that a coarser level has too. */
  readonly aging: readonly (readonly AgingColumn[])[];

  constructor(private readonly plan: ViewPlan) {
    this.entries = plan.levels.flatMap((_, level) => {
      const entering = plan.columns.flatMap(({ levels }, column) => (levels[0] === level ? [column] : []));
      const numbers = [...new Set(entering.map((column) => plan.columns[column]!.feed))];
      const feeds = numbers.map((feed) =>
        this.compile(
          level,
          entering.filter((column) => plan.columns[column]!.feed === feed),
        ),
      );
      return feeds.length === 0 ? [] : [{ level, feeds }];
    });
    this.aging = plan.levels.map(({ columns }, level) =>
      columns.flatMap((column, slot) => {
        const coarser = plan.columns[column]!.levels.filter((other) => other > level);
        const targets = coarser.map((other) => ({ level: other, slot: this.slotOf(other, column) }));
        return targets.length === 0 ? [] : [{ slot, targets }];
      }),
    );
  }

  private compile(level: number, columns: readonly number[]): Feed {
    const { kind, value, where } = this.plan.columns[columns[0]!]!;
    return {
      matches: where === null ? null : compileWhere(where),
      value: value === null ? null : compileValue(value, kind.accepts),
      columns,
      slots: columns.map((column) => this.slotOf(level, column)),
    };
  }

  slotOf(level: number, column: number): number {
    return this.plan.levels[level]!.columns.indexOf(column);
  }
}

/** Adds an event to the columns of a feed, which stand in these slots of the row at `place`. */
export function addToColumns(
  { matches, value }: Feed,
  event: SourceEvent,
  cells: RowCells,
  place: number,
  slots: readonly number[],
): void {
  if (matches !== null && !matches(event.row)) return;
  if (value !== null) {
    const taken = value(event.row);
    if (taken === null) return;
    input.value = taken;
  }
  input.eventTimeMs = event.eventTimeMs;
  input.identityHigh = event.identityHigh;
  input.identityLow = event.identityLow;
  cells.add(place, slots, input);
}

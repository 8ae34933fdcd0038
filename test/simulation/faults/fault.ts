/** One way in which the platform, or what is put, departs from the quiet day. */
export interface Fault {
  readonly name: string;
  /** What happens. */
  readonly what: string;
  /** How likely it is wherever it could happen, from the least to the most that a world draws. */
  readonly rate: readonly [least: number, most: number];
  /** Where it is drawn it is set up only: it counts when it is seen to happen. */
  readonly isCountedWhenSeen?: true;
}

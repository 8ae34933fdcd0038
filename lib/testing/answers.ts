import type { FeatureValue } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
import type { ChannelEntry } from "../online/channels.ts";
import type { ViewCounts } from "../online/counts.ts";
import type { FeatureReading } from "../online/reader.ts";

/** An entity's features as the online store answers them, and how fresh they are. */
export interface TestReading<Features = Readonly<Record<string, FeatureValue>>>
  extends Omit<FeatureReading, "values" | "key"> {
  /** The entity, by the view's fields. */
  readonly key: Readonly<Record<string, Scalar>>;
  /** By name, as the view's definition names them. */
  readonly features: Readonly<Features>;
}

/** A record that was set aside, with its payload as text. */
export interface SetAsideRecord extends Omit<ChannelEntry, "payload"> {
  /** What was put, read as UTF-8. */
  readonly text: string;
}

/**
 * What became of the records of a view's source. Folded, duplicate, late, excluded and quarantined add up to those put,
 * once all are handled, none is lost, and no item has expired and begun anew.
 */
export interface TestCounts
  extends Pick<
    Readonly<ViewCounts>,
    "folded" | "duplicate" | "late" | "excluded" | "quarantined" | "dedupOverflow" | "items"
  > {
  /** Heartbeats aside. */
  readonly put: number;
}

export function setAsideRecord({ payload, ...entry }: ChannelEntry): SetAsideRecord {
  return { ...entry, text: Buffer.from(payload, "base64").toString("utf8") };
}

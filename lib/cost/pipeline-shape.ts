/** What of definitions is paid for. Plain data, which synthesis has of another process. */
export interface PipelineShape {
  readonly sources: readonly SourceShape[];
  readonly views: readonly ViewShape[];
  /** The views that a prediction reads, by id; a view that is read under two names stands twice. */
  readonly readByPrediction: readonly string[];
  readonly models: number;
}

export interface SourceShape {
  readonly name: string;
  /** How long its stream keeps a record. */
  readonly retentionMs: number;
  /** The tightest SLA of the views over it; null: no view reads it, and no heartbeat is sent. */
  readonly slaMs: number | null;
}

export interface ViewShape {
  /** `card@1`. */
  readonly id: string;
  readonly source: string;
  /** Its fields, in order; none: one entity, of all events. */
  readonly entity: readonly string[];
  /** Whether an entity has one item, or one a shard. */
  readonly writers: "single" | "one a shard";
  /** Bytes of an item of a sparse entity, as DynamoDB counts them. */
  readonly itemBytes: number;
}

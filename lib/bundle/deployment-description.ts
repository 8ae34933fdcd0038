import type { PipelineShape } from "../cost/pipeline-shape.ts";
import type { GlueColumn } from "../offline/history/glue-columns.ts";

export type { GlueColumn };

/** What synthesis needs to know of a definitions module. Plain JSON, which another process writes. */
export interface DeploymentDescription {
  readonly sources: readonly SourceToDeploy[];
  readonly views: readonly ViewToDeploy[];
  /** What of them is paid for. */
  readonly cost: PipelineShape;
  readonly models: readonly { readonly name: string; readonly file: string }[];
  /** What `freshet check` found, each in one block of text. */
  readonly problems: readonly { readonly severity: "error" | "warning"; readonly text: string }[];
}

export interface SourceToDeploy {
  readonly name: string;
  /** How long its stream keeps a record. */
  readonly retentionMs: number;
  /** The tightest SLA of the views over it; null: no view reads it. */
  readonly slaMs: number | null;
  /** Its events as Parquet's columns; text where they cannot be, which says why. */
  readonly historyColumns: readonly GlueColumn[] | string;
}

/** A view as its deployment needs it. */
export interface ViewToDeploy {
  /** `card@1`, as metrics name it. */
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly slaMs: number;
}

import type { Aggregator } from "./aggregator.ts";
import { ownedResource } from "./owned-resource.ts";
import { renderedProperties } from "./rendered-properties.ts";

/** What Kinesis keeps where nothing says otherwise. */
const DEFAULT_HOURS = 24;

/**
 * Refuses, at synthesis, a stream of the app that keeps records for less than its source declares: what it dropped before
 * it was read would not be missed, since gaps are told by the source's retention. An imported one cannot be looked at.
 */
export function refuseShortRetention(aggregator: Aggregator): void {
  const { stream, source, retention } = aggregator;
  const resource = ownedResource(stream);
  if (resource === undefined) return;
  aggregator.node.addValidation({
    validate() {
      const { RetentionPeriodHours: kept = DEFAULT_HOURS } = renderedProperties(resource);
      const declared = retention.toHours();
      // A parameter is known at deployment alone.
      if (typeof kept !== "number" || kept >= declared) return [];
      return [
        `${stream.node.path} keeps records for ${kept} hours, and source ${source} declares a retention of ${declared} hours: what it drops before it is read would be missed by nobody. Give the stream retentionPeriod: Duration.hours(${declared}), or the source retention: "${kept}h".`,
      ];
    },
  });
}

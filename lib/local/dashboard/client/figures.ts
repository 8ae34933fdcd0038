import type { LiveSnapshot, ViewStatus } from "../snapshot.ts";
import { byId, setAttribute, setText } from "./element.ts";
import { amount, count, duration } from "./format.ts";
import { throughputChart } from "./throughput-chart.ts";

const STATUSES: readonly ViewStatus[] = ["stale", "unknown", "warming", "fresh"];

/** Fills the strip of figures. */
export function figures(): (snapshot: LiveSnapshot, connected: boolean) => void {
  const chart = throughputChart(byId("throughput"));
  return ({ throughput, views, latencies, totals }, connected) => {
    chart(throughput);
    setText(byId("rate"), amount(connected ? throughput.perSecond : null));

    const within = views.filter(({ status }) => status === "fresh" || status === "warming");
    setText(byId("within"), connected ? `${within.length} of ${views.length}` : "–");
    setAttribute(byId("within"), "data-bad", String(connected && within.length < views.length));
    const notes = STATUSES.map((status) => ({
      status,
      of: views.filter((view) => view.status === status).length,
    }));
    const told = notes.filter(({ of }) => of > 0).map(({ status, of }) => `${of} ${status}`);
    setText(byId("within-note"), connected ? told.join(", ") : "not known");

    const [available] = latencies.filter(({ kind }) => kind === "pipeline");
    setText(byId("available"), duration(available?.p99Ms ?? null));
    setText(
      byId("available-note"),
      `p50 ${duration(available?.p50Ms ?? null)}, p95 ${duration(available?.p95Ms ?? null)}`,
    );

    const predict = latencies.find(({ name }) => name === "POST /v1/predict");
    setText(byId("predict"), duration(predict?.p99Ms ?? null));
    const predictNote =
      predict === undefined
        ? "none asked for yet"
        : `p50 ${duration(predict.p50Ms)}, ${count(predict.samples)} in five minutes`;
    setText(byId("predict-note"), predictNote);

    setText(byId("units"), totals.events === 0 ? "–" : amount(totals.writeUnits / totals.events));
    setText(
      byId("units-note"),
      `read ${totals.events === 0 ? "–" : amount(totals.readUnits / totals.events)}, ${count(totals.throttles)} throttles`,
    );
    setText(
      byId("totals"),
      `${count(totals.events)} events and ${count(totals.heartbeats)} heartbeats in ${count(totals.batches)} batches, ${count(totals.unfinishedBatches)} retried.`,
    );
  };
}

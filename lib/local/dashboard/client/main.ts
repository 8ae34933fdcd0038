import type { LiveSnapshot } from "../snapshot.ts";
import { busiestCards } from "./busiest-cards.ts";
import { type ConnectionState, connect } from "./connection.ts";
import { byId, setText } from "./element.ts";
import { figures } from "./figures.ts";
import { clockSpeed, dateTime } from "./format.ts";
import { latenciesTable } from "./latencies-table.ts";
import { predictionsTable } from "./predictions-table.ts";
import { setAsideTable } from "./set-aside-table.ts";
import { statusChanges } from "./status-changes.ts";
import { applyTheme, startThemeButton } from "./theme.ts";
import { viewsTable } from "./views-table.ts";

applyTheme();
document.addEventListener("DOMContentLoaded", start);

function start(): void {
  startThemeButton();
  const parts = {
    figures: figures(),
    views: viewsTable(),
    busiest: busiestCards(),
    latencies: latenciesTable(),
    predictions: predictionsTable(),
    setAside: setAsideTable(),
    changes: statusChanges(),
  };
  let last: LiveSnapshot | null = null;
  let state: ConnectionState | null = null;

  const draw = (): void => {
    if (last === null) return;
    const snapshot = last;
    const connected = state === "live";
    const { nowMs, speed } = snapshot.clock;
    setText(byId("clock"), `${dateTime(nowMs)} UTC`);
    setText(byId("speed"), clockSpeed(speed, snapshot.takenAtMs - nowMs));
    parts.figures(snapshot, connected);
    parts.views(snapshot.views.map((view) => ({ view, connected, nowMs: snapshot.takenAtMs })));
    parts.busiest(snapshot.busiest, snapshot.views);
    parts.latencies(snapshot.latencies);
    parts.predictions(snapshot.predictions);
    parts.setAside(snapshot.setAside);
    parts.changes(snapshot.views);
    byId("problem").hidden = snapshot.problem === null;
    setText(byId("problem"), `Freshness cannot be read: ${snapshot.problem ?? ""}`);
    document.title = titleOf(snapshot, connected);
  };
  connect({
    onSnapshot(snapshot) {
      last = snapshot;
      draw();
    },
    onState(next) {
      if (state === next) return;
      state = next;
      document.documentElement.dataset.connection = state;
      setText(byId("connection"), state);
      byId("lost").hidden = state !== "lost";
      if (state === "lost") setText(byId("lost"), lostText(last));
      draw();
    },
  });
}

function lostText(last: LiveSnapshot | null): string {
  if (last === null) return "The server does not answer. Trying again every second.";
  const at = new Date(last.takenAtMs).toLocaleTimeString();
  return `The server does not answer. What you see is from ${at}; trying again every second.`;
}

/** A tab in the background tells what is wrong. */
function titleOf({ views }: LiveSnapshot, connected: boolean): string {
  if (!connected) return "(lost) Freshet";
  const violated = views.filter(({ status }) => status === "stale" || status === "unknown").length;
  return violated === 0 ? "Freshet" : `(${violated} not fresh) Freshet`;
}

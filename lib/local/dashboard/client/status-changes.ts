import type { ViewState, ViewStatus } from "../snapshot.ts";
import { byId, setText } from "./element.ts";

/** Says aloud which views became stale or unknown, or left that, and nothing of numbers that move every second. */
export function statusChanges(): (views: readonly ViewState[]) => void {
  let before = new Map<string, ViewStatus>();
  return (views) => {
    const now = new Map(views.map(({ id, status }) => [id, status]));
    const changed = [...now].filter(([id, status]) => before.has(id) && before.get(id) !== status);
    if (changed.length > 0) {
      setText(byId("changes"), changed.map(([id, status]) => `${id} is ${status}`).join(", "));
    }
    before = now;
  };
}

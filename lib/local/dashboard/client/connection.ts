import type { LiveSnapshot } from "../snapshot.ts";

export type ConnectionState = "connecting" | "live" | "lost";

const EVENTS = "/live/events";
const TRY_AGAIN_MS = 1_000;
/** Snapshots come every second: a server that is silent for so long is taken for gone. */
const SILENCE_MS = 5_000;

/** Listens to the server's snapshots, and goes on trying when it is gone. */
export function connect(handlers: {
  readonly onSnapshot: (snapshot: LiveSnapshot) => void;
  readonly onState: (state: ConnectionState) => void;
}): void {
  const { onSnapshot, onState } = handlers;
  let events: EventSource | null = null;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const listenForSilence = () => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENCE_MS);
  };
  const lose = () => {
    clearTimeout(silence);
    events?.close();
    onState("lost");
    setTimeout(open, TRY_AGAIN_MS);
  };
  const open = () => {
    events = new EventSource(EVENTS);
    listenForSilence();
    events.addEventListener("message", ({ data }) => {
      listenForSilence();
      onState("live");
      onSnapshot(JSON.parse(data) as LiveSnapshot);
    });
    // The browser's own second try is not waited for: it gives up on an answer that is no stream.
    events.addEventListener("error", lose);
  };
  onState("connecting");
  open();
}

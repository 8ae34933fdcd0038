import { systemTiming, type Timing } from "../../online/backoff.ts";

/** Time and chance, injected so that tests own both. */
export interface ClientTiming extends Timing {
  /** Epoch ms. */
  now(): number;
}

/** The machine's. */
export const systemClientTiming: ClientTiming = {
  ...systemTiming,
  now: () => performance.timeOrigin + performance.now(),
};

/** What {@link client} takes beside the service. */
export interface ClientOptions {
  /** Where the API answers: `https://features.example.com`. */
  readonly url: string | URL;
  /** The model to score. @default the API's only one */
  readonly model?: string;
  /** For a whole call, waits and further attempts included. @default 10000 */
  readonly timeoutMs?: number;
  /** How often a call that is answered 429 or 503 is sent. @default 3 */
  readonly attempts?: number;
  /** Sent with every request, such as an authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default the global one */
  readonly fetch?: typeof globalThis.fetch;
  /** @default the machine's timer, clock and generator */
  readonly timing?: ClientTiming;
}

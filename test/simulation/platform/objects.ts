import type { ObjectStore } from "../../../lib/engine/ports/object-store.ts";
import type { FaultInjector } from "../faults/injector.ts";
import type { Caller, Network, TripFault } from "./network.ts";
import { timedOut } from "./table.ts";

/** The bucket: what is put is there at once, and for ever. */
export class Bucket {
  readonly objects = new Map<string, Uint8Array>();

  /** Without faults, and taking no time: for checks. */
  get store(): ObjectStore {
    const { objects } = this;
    return {
      put: async (key, body) => {
        objects.set(key, Uint8Array.from(body));
      },
      get: async (key) => objects.get(key),
      list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    };
  }
}

/** The bucket as one process sees it. */
export function objectsOf(
  platform: { readonly network: Network; readonly faults: FaultInjector; readonly bucket: Bucket },
  caller: Caller,
): ObjectStore {
  const { network, faults, bucket } = platform;
  const refused = () => Promise.reject(new Error("the write path reads and lists no objects."));
  return {
    put: (key, body) =>
      network.send<void>({
        caller,
        site: key.startsWith("late/") ? "write-late-entries" : "write-quarantine-entries",
        apply: () => {
          bucket.objects.set(key, Uint8Array.from(body));
        },
        faultOf: (call) => faultOf(faults, call),
      }),
    get: refused,
    list: refused,
  };
}

function faultOf(faults: FaultInjector, call: string): TripFault | null {
  if (!faults.fires("failed-object", call)) return null;
  const applied = call.length % 2 === 0 ? "at-once" : "never";
  return { kind: "unanswered", error: timedOut(), applied };
}

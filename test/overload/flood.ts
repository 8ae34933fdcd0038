import { accountName } from "../soak/load/payments.ts";

/** What a flood of requests was answered with. */
export interface FloodAnswers {
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers of 429 and 503 that did not say when to try again, requests that were not answered, and other errors. */
  readonly faults: readonly string[];
}

const ENTITIES = 20;

/** Makes many requests at once, each for some of the accounts. */
export async function flood(
  url: string,
  options: { readonly requests: number; readonly keys: number },
): Promise<FloodAnswers> {
  const { requests, keys } = options;
  const statuses: Record<string, number> = {};
  const faults = new Set<string>();
  await Promise.all(
    Array.from({ length: requests }, async (_, request) => {
      const entities = Array.from({ length: ENTITIES }, (_, index) => ({
        keys: { account: accountName((request * ENTITIES + index) % keys) },
      }));
      try {
        const response = await fetch(`${url}/v1/features`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ view: "account_payments", entities }),
        });
        await response.arrayBuffer();
        const { status, headers } = response;
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status === 429 || status === 503) {
          if (!/^\d+$/.test(headers.get("retry-after") ?? ""))
            faults.add(`an answer of ${status} says no time to try again`);
        } else if (status !== 200) faults.add(`a request was answered with ${status}`);
      } catch (error) {
        faults.add(`a request was not answered: ${(error as Error).cause ?? error}`);
      }
    }),
  );
  return { statuses, faults: [...faults] };
}

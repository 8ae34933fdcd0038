/** What a flood of requests was answered with. */
export interface FloodAnswers {
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers of 429 and 503 that did not say when to try again, requests that were not answered, and other errors. */
  readonly faults: readonly string[];
}

/** Makes many requests at once, more than the server works on or lets wait. */
export async function flood(url: string, options: { readonly requests: number }): Promise<FloodAnswers> {
  const statuses: Record<string, number> = {};
  const faults = new Set<string>();
  await Promise.all(
    Array.from({ length: options.requests }, async () => {
      try {
        const response = await fetch(`${url}/v1/features`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ view: "all_payments", keys: {} }),
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

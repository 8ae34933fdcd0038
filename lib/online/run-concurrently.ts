/** Runs `work` over `inputs` in order, at most `limit` at a time. Rejects at the first rejection. */
export async function runConcurrently<T>(
  inputs: readonly T[],
  limit: number,
  work: (input: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < inputs.length) await work(inputs[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, lane));
}

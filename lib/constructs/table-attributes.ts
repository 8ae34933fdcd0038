/** As lib/online has it, which nothing here may import; a test holds the two together. */
export const TABLE_ATTRIBUTES = { partitionKey: "pk", timeToLive: "ttl" } as const;

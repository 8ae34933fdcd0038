export { PutError } from "./put/put-error.ts";
export type { PutReport } from "./put/put-in-order.ts";
export { type PutOptions, put } from "./put/put.ts";

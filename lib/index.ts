export * from "./define/index.ts";

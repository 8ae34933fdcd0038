export const serve = undefined as never;

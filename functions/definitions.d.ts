/** What the user's definitions module exports: the bundler puts it here (lib/local/bundle.ts, the constructs). */
declare module "freshet:definitions" {
  const definitions: Readonly<Record<string, unknown>>;
  export = definitions;
}

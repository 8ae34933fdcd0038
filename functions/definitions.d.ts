/** What the user's definitions module exports: the bundler puts it here (lib/bundle/function-build.ts). */
declare module "freshet:definitions" {
  const definitions: Readonly<Record<string, unknown>>;
  export = definitions;
}

#!/usr/bin/env node
// What npm installs as `freshet`. The kit is TypeScript, which Node does not run from node_modules: tsx does.
import { register } from "tsx/esm/api";

register();
await import("./freshet.ts");

// In the repository, whose modules are TypeScript: on Node 20 `--import tsx` reaches a process, and none of its threads.
import { register } from "tsx/esm/api";

register();
await import("./entry.ts");

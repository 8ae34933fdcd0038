/** `npm run bench -- NAME [options]`. */
import { withoutNodeVersionNotice } from "../lib/local/embedded-clients.ts";
import { benchCommand } from "./command/command.ts";

withoutNodeVersionNotice();
process.exitCode = await benchCommand(process.argv.slice(2));

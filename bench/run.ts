/** `npm run bench -- NAME [options]`. */
import { withoutNodeVersionNotice } from "../lib/local/node-version-notice.ts";
import { benchCommand } from "./command/command.ts";

withoutNodeVersionNotice();
process.exitCode = await benchCommand(process.argv.slice(2));

import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OWN_FILE = fileURLToPath(import.meta.url);

/** The kit's own root, which its modules and messages are named from. */
export const KIT_ROOT = join(dirname(OWN_FILE), "..", "..");

/** A module of the kit by its path from the root, without extension: TypeScript in the repository, JavaScript in the package. */
export function kitModule(path: string): string {
  return join(KIT_ROOT, `${path}${extname(OWN_FILE)}`);
}

/** Whether the kit stands as TypeScript, which Node runs by tsx alone. */
export const KIT_IS_TYPESCRIPT = extname(OWN_FILE) === ".ts";

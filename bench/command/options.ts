import { InvalidArgumentError, Option } from "commander";

/** An option that takes a whole number from `least` on. */
export function countOption(flags: string, description: string, least: number, byDefault: number): Option {
  return new Option(flags, description).default(byDefault).argParser((text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least) return value;
    throw new InvalidArgumentError(`Write a whole number from ${least} on.`);
  });
}

/** An option that takes text. */
export function textOption(flags: string, description: string, byDefault: string): Option {
  return new Option(flags, description).default(byDefault);
}

/** An option that takes a list with commas, each part of which must match. */
export function listOption(flags: string, description: string, part: RegExp, byDefault: string): Option {
  return new Option(flags, description).default(byDefault).argParser((text) => {
    const wrong = text.split(",").find((each) => !part.test(each));
    if (wrong === undefined) return text;
    throw new InvalidArgumentError(
      `${JSON.stringify(wrong)} is none that it takes; parts are set apart by commas.`,
    );
  });
}

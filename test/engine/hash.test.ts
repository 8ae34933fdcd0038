import { describe, expect, it } from "vitest";
import { hashScalar, hashText } from "../../lib/engine/hash.ts";

// From the Python package mmh3 5.3.1: `mmh3.hash64(data, seed, x64arch=False, signed=False)[0]` in 16 hex digits, with
// seed 0 for UTF-8 text, 1 for `struct.pack("<d", number)`, 2 for one byte of a boolean.
const PANGRAM = "The quick brown fox jumps over the lazy dog 0123456789";

/** Of the first 0, 1, ... 40 characters of {@link PANGRAM}: every length of the last block. */
const PREFIX_HASHES = [
  "0000000000000000",
  "d32cba11312658d4",
  "5ea9dec0ee15ba68",
  "d27be85e41d0bf79",
  "aa6e1ea200251e65",
  "b9c452b8392b67e0",
  "fa14aab402910834",
  "35527f9ca09f763b",
  "c96f1f6d66b6c80a",
  "cbc4cff3bac5d673",
  "73c5b1aa9bf1477a",
  "ab63cd6f0c71da9e",
  "4e4398a8c628765f",
  "2fda1565e3c36e46",
  "0f9b125b08bcd16f",
  "ebdbe493cad356cf",
  "85dc9f0005af2e98",
  "66c13ca3315057c3",
  "d6fefc25a01994e4",
  "a35dd0df22b291f7",
  "01810b9ffe38a094",
  "3dcefd24cd216e62",
  "49f2eba2f5795533",
  "c4165c1d9de4178d",
  "6dc21ace7908c90b",
  "4e46f74962a1b11b",
  "bacec997fe36981e",
  "ce1f0e3b3e3939d6",
  "373823ed4bd72ebc",
  "90f40c1df9507c4d",
  "6af26d4b9c283a41",
  "03ee81899756d6dd",
  "2d5372027fc78aad",
  "d6ad260aad6ec1ae",
  "0731f8c5890ad6c2",
  "d402d1ce376d7e20",
  "8ed92eaca4272d0b",
  "aa056b4062d667b1",
  "67cfc80d396a22a9",
  "49fb50538e8c7d7a",
  "871c8aae7244c7be",
];

const TEXT_HASHES: readonly (readonly [string, string])[] = [
  ["é", "e6cec69cb2013c81"],
  ["ß", "7a33ad2028a1a893"],
  ["日本語", "c3f6209cbdfcba6f"],
  ["🛫", "4559ab277b8fc9a5"],
  ["naïve café", "f5afe6b34e92c1e7"],
  ["Zürich–Köln", "e12aa7736e8d20ca"],
  ["日本語テキスト、十六バイト超", "d3db9abc9dba5271"],
  ["a🛫b🛬c", "ecd6c8267b4e328c"],
  ["\u0000", "54d201b988c4adec"],
  ["\ufeffbom", "4fdf67d40facac96"],
  ["aaaaaaaaaaaaaaaé", "222deab055c131e4"],
  ["aaaaaaaaaaaaaaaaé", "9a2fde6e2f4c4881"],
  ["é".repeat(100), "1f661a85e5290e3f"],
  ["x".repeat(5000), "e5bc5b924bced5af"],
  ["日".repeat(2000), "c11acd0e4b17c954"],
];

const NUMBER_HASHES: readonly (readonly [number, string])[] = [
  [0, "543371085ad58a7e"],
  [1, "608dcf931cd598d4"],
  [-1, "fc54e98a39d595b7"],
  [0.1, "77705cbd1d3950ef"],
  [1e300, "e5aba38e5ca9cbfa"],
  [5e-324, "eb5559554b7ab8c6"],
  [1234567, "f78cded6f002a768"],
  [-2.5, "589adaa32964a104"],
  [Number.NaN, "df5bc147e81da051"],
];

const BOOLEAN_HASHES: readonly (readonly [boolean, string])[] = [
  [false, "acf40e87e0d93642"],
  [true, "03415bab9e424192"],
];

const hash = { high: 0, low: 0 };
const hex = (word: number) => word.toString(16).padStart(8, "0");
const ofText = (text: string) => {
  hashText(text, hash);
  return hex(hash.high) + hex(hash.low);
};
const ofScalar = (value: string | number | boolean) => {
  hashScalar(value, hash);
  return hex(hash.high) + hex(hash.low);
};

describe("hashText", () => {
  it("is MurmurHash3_x86_128, for every length of the last block", () => {
    const actual = PREFIX_HASHES.map((_, length) => ofText(PANGRAM.slice(0, length)));
    expect(actual).toEqual(PREFIX_HASHES);
  });

  it.each(TEXT_HASHES)("hashes the UTF-8 of %j", (text, expected) => {
    // A long text before it must not leave anything behind.
    ofText("日".repeat(50));
    expect(ofText(text)).toBe(expected);
  });

  it("takes a lone surrogate for U+FFFD", () => {
    expect(ofText("a\ud800b")).toBe(ofText("a\ufffdb"));
  });
});

describe("hashScalar", () => {
  it.each(NUMBER_HASHES)("hashes the double %d", (value, expected) => {
    expect(ofScalar(value)).toBe(expected);
  });

  it.each(BOOLEAN_HASHES)("hashes %s", (value, expected) => {
    expect(ofScalar(value)).toBe(expected);
  });

  it("keeps types apart, and the two zeros together", () => {
    expect(new Set([1, "1", true, "true", 0, "", false].map(ofScalar)).size).toBe(7);
    expect(ofScalar(-0)).toBe(ofScalar(0));
    expect(ofScalar("Zürich")).toBe(ofText("Zürich"));
  });
});

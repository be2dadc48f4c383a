/**
 * A strict reader of the safetensors layout, written from its published description only and sharing nothing with
 * src/, to check the files that we write. The reference library is a Python package, which tests cannot rely on.
 *
 * Format (huggingface/safetensors, README, section "Format"):
 * - 8 bytes: N, an unsigned little-endian 64-bit integer, the size of the header; the reference stops at 100 MB;
 * - N bytes: the header, UTF-8 JSON. It must begin with `{` and may be padded at its end with spaces (0x20).
 *   `{"NAME": {"dtype": ..., "shape": [...], "data_offsets": [BEGIN, END]}, ...}`, offsets relative to the byte
 *   buffer; `__metadata__` is a map from text to text; duplicate keys are not allowed;
 * - the rest: the byte buffer, little-endian, row-major, entirely covered by the tensors, without holes or overlaps.
 */
import { expect } from 'vitest';
import { readJson } from './json.js';

export interface ReferenceTensor {
  readonly dtype: string;
  readonly shape: number[];
  readonly bytes: Uint8Array;
  /** Place of the first byte in the file. */
  readonly start: number;
}

const BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, I32: 4, U32: 4, U8: 1 };

export function readSafetensors(file: Uint8Array): {
  metadata: Record<string, string>;
  tensors: Record<string, ReferenceTensor>;
} {
  let length = 0;
  for (let i = 7; i >= 0; i--) length = length * 256 + file[i];
  expect(length).toBeLessThanOrEqual(100e6);
  expect(8 + length).toBeLessThanOrEqual(file.length);
  // The byte buffer starts on a multiple of 8 in files of the reference writer.
  expect(length % 8).toBe(0);
  const text = Buffer.from(file.slice(8, 8 + length)).toString('utf8');
  expect(Buffer.from(text, 'utf8').equals(Buffer.from(file.slice(8, 8 + length)))).toBe(true);
  expect(text).toMatch(/^\{.*\} *$/s);
  const { __metadata__, ...header } = readJson(text);
  // Written again it is the same text: no key was said twice.
  expect(JSON.stringify(readJson(text))).toBe(text.trimEnd());
  for (const value of Object.values(__metadata__)) expect(typeof value).toBe('string');
  const tensors: Record<string, ReferenceTensor> = {};
  let covered = 0;
  const entries = Object.entries(header as Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>);
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  for (const [name, { dtype, shape, data_offsets, ...rest }] of entries) {
    expect(rest).toEqual({});
    const [begin, end] = data_offsets;
    expect(begin).toBe(covered);
    expect(end - begin).toBe(BYTES[dtype] * shape.reduce((product, size) => product * size, 1));
    const start = 8 + length + begin;
    tensors[name] = { dtype, shape, bytes: file.slice(start, 8 + length + end), start };
    covered = end;
  }
  expect(8 + length + covered).toBe(file.length);
  return { metadata: __metadata__, tensors };
}

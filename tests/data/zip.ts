// Archives made for tests, byte by byte, so that each of their fields can be made wrong.

import { crc32, deflateRawSync } from "node:zlib";

/** What may differ from a sound archive of one deflated file. */
export interface ZipFlaws {
  readonly method?: number;
  readonly flags?: number;
  readonly sum?: number;
  readonly length?: number;
  readonly files?: number;
  readonly comment?: string;
  /** Bytes between the name and the data that only the file's own header knows of. */
  readonly extra?: number;
}

/** An archive of one file. */
export function zipOf(name: string, text: string, flaws: ZipFlaws = {}): Uint8Array {
  const plain = new TextEncoder().encode(text);
  const method = flaws.method ?? 8;
  const body = method === 8 ? deflateRawSync(plain) : plain;
  const nameBytes = new TextEncoder().encode(name);
  const comment = new TextEncoder().encode(flaws.comment ?? "");
  const extra = flaws.extra ?? 0;
  const sums = [flaws.sum ?? crc32(plain), body.length, flaws.length ?? plain.length];
  const shared = [u16(20), u16(flaws.flags ?? 0), u16(method), u32(0), ...sums.map(u32)];
  const local = joined([
    u32(0x04034b50),
    ...shared,
    u16(nameBytes.length),
    u16(extra),
    nameBytes,
    new Uint8Array(extra),
    body,
  ]);
  const directory = joined([
    u32(0x02014b50),
    u16(20),
    ...shared,
    u16(nameBytes.length),
    ...[0, 0, 0, 0].map(u16),
    u32(0),
    u32(0),
    nameBytes,
  ]);
  const files = flaws.files ?? 1;
  const end = joined([
    u32(0x06054b50),
    ...[0, 0, files, files].map(u16),
    u32(directory.length),
    u32(local.length),
    u16(comment.length),
    comment,
  ]);
  return joined([local, directory, end]);
}

function u16(value: number): Uint8Array {
  return new Uint8Array([value & 255, value >> 8]);
}

function u32(value: number): Uint8Array {
  return new Uint8Array([0, 8, 16, 24].map((shift) => (value >>> shift) & 255));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

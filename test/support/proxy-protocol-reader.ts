/** Reads the PROXY protocol header at the start of a connection, both versions of it. */

import type { ProxyHeader } from './recorder.ts';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const fixedLength = 16;
const commands = ['LOCAL', 'PROXY'] as const;
const families: Readonly<Record<number, string>> = {
  0: 'UNSPEC',
  17: 'TCP4',
  18: 'UDP4',
  33: 'TCP6',
  34: 'UDP6',
};

/** The header and what follows it; a null header where there is none. */
export function readProxyHeader(bytes: Buffer): {
  readonly header: ProxyHeader | null;
  readonly rest: Buffer;
} {
  const text = bytes.toString('latin1', 0, 107);
  const line = /^(PROXY [^\r\n]*)\r\n/.exec(text)?.[1];
  if (line !== undefined) {
    return { header: { version: 1, line }, rest: bytes.subarray(line.length + 2) };
  }
  if (bytes.length < fixedLength || !bytes.subarray(0, signature.length).equals(signature)) {
    return { header: null, rest: bytes };
  }
  const end = fixedLength + bytes.readUInt16BE(14);
  const family = bytes.readUInt8(13);
  const command = commands[bytes.readUInt8(12) & 0xf] ?? 'LOCAL';
  const header = { version: 2 as const, command, family: families[family] ?? String(family) };
  return { header: { ...header, ...addresses(bytes, family) }, rest: bytes.subarray(end) };
}

function addresses(bytes: Buffer, family: number): Pick<ProxyHeader, 'source' | 'destination'> {
  const length = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  if (length === 0) return {};
  const read = (index: number): string => {
    const start = fixedLength + index * length;
    const port = bytes.readUInt16BE(fixedLength + 2 * length + index * 2);
    const address = bytes.subarray(start, start + length);
    if (length === 4) return `${[...address].join('.')}:${port}`;
    const groups = Array.from({ length: 8 }, (_, group) =>
      address.readUInt16BE(group * 2).toString(16),
    );
    return `[${groups.join(':')}]:${port}`;
  };
  return { source: read(0), destination: read(1) };
}

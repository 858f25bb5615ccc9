/**
 * The header of the PROXY protocol, versions 1 and 2 (HAProxy, doc/proxy-protocol.txt): a proxy in
 * front tells between whom the connection was made.
 */

import { isIPv4, isIPv6, SocketAddress } from 'node:net';

export interface ConnectionEnd {
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Bytes of the header; what follows it is the connection's own. */
  readonly length: number;
  /** null: the header says nothing of who it is (`LOCAL`, `UNKNOWN`), those of the socket count. */
  readonly ends: ProxiedEnds | null;
}

export interface ProxiedEnds {
  readonly source: ConnectionEnd;
  readonly destination: ConnectionEnd;
}

/** `not-found`: the connection begins with something else. */
export type ProxyHeaderOutcome =
  | ProxyHeader
  | 'incomplete'
  | 'not-found'
  | 'invalid-v1'
  | 'invalid-v2';

export const proxySignature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const fixedBytes = 16;
const textStart = Buffer.from('PROXY ', 'latin1');
/** With the CRLF: the longest that version 1 allows. */
const lineBytesMax = 107;

/** Never throws, whatever the bytes are. */
export function parseProxyHeader(bytes: Buffer): ProxyHeaderOutcome {
  if (startsAlike(bytes, proxySignature)) return parseBinary(bytes);
  return startsAlike(bytes, textStart) ? parseText(bytes) : 'not-found';
}

/** As far as there are bytes. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function parseText(bytes: Buffer): ProxyHeaderOutcome {
  const line = bytes.toString('latin1', 0, lineBytesMax);
  const end = line.indexOf('\r\n');
  if (end < 0) return bytes.length < lineBytesMax ? 'incomplete' : 'invalid-v1';
  const length = end + 2;
  const fields = line.slice(0, end).split(' ');
  const [, family = ''] = fields;
  // What follows UNKNOWN is for nobody.
  if (family === 'UNKNOWN') return { version: 1, length, ends: null };
  const [, , source = '', destination = '', sourcePort = '', destinationPort = ''] = fields;
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : null;
  if (fields.length !== 6 || isAddress === null) return 'invalid-v1';
  if (!isAddress(source) || !isAddress(destination)) return 'invalid-v1';
  if (!isPort(sourcePort) || !isPort(destinationPort)) return 'invalid-v1';
  return {
    version: 1,
    length,
    ends: {
      source: { address: plain(source), port: Number(sourcePort) },
      destination: { address: plain(destination), port: Number(destinationPort) },
    },
  };
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535;
}

/** One spelling for each address, without a zone. */
function plain(address: string): string {
  if (isIPv4(address)) return address;
  return new SocketAddress({ address, family: 'ipv6', port: 0 }).address;
}

const versionTwo = 2;
const local = 0;
const proxied = 1;

function parseBinary(bytes: Buffer): ProxyHeaderOutcome {
  if (bytes.length < fixedBytes) {
    const versionAndCommand = bytes[proxySignature.length];
    const isWrong = versionAndCommand !== undefined && !isCommand(versionAndCommand);
    return isWrong ? 'invalid-v2' : 'incomplete';
  }
  const versionAndCommand = bytes.readUInt8(12);
  if (!isCommand(versionAndCommand)) return 'invalid-v2';
  const length = fixedBytes + bytes.readUInt16BE(14);
  if (bytes.length < length) return 'incomplete';
  const family = bytes.readUInt8(13);
  if ((versionAndCommand & 0xf) === local || family === unspecified) {
    return { version: 2, length, ends: null };
  }
  const ends = readEnds(bytes.subarray(fixedBytes, length), family);
  return ends === null ? 'invalid-v2' : { version: 2, length, ends };
}

function isCommand(versionAndCommand: number): boolean {
  const command = versionAndCommand & 0xf;
  return versionAndCommand >> 4 === versionTwo && (command === local || command === proxied);
}

const unspecified = 0x00;
const ipv4 = 1;
const ipv6 = 2;
const stream = 1;
const datagram = 2;

/** null: not the addresses of an IP connection. Type-length-values may follow them. */
function readEnds(bytes: Buffer, familyAndTransport: number): ProxiedEnds | null {
  const family = familyAndTransport >> 4;
  const transport = familyAndTransport & 0xf;
  if (transport !== stream && transport !== datagram) return null;
  const size = family === ipv4 ? 4 : family === ipv6 ? 16 : 0;
  if (size === 0 || bytes.length < 2 * size + 4) return null;
  const read = size === 4 ? readIPv4 : readIPv6;
  return {
    source: { address: read(bytes, 0), port: bytes.readUInt16BE(2 * size) },
    destination: { address: read(bytes, size), port: bytes.readUInt16BE(2 * size + 2) },
  };
}

function readIPv4(bytes: Buffer, at: number): string {
  return bytes.subarray(at, at + 4).join('.');
}

function readIPv6(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16));
  return plain(groups.join(':'));
}

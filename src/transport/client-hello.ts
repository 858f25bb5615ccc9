/**
 * Reads what a TLS client says in the clear at the start (RFC 8446 section 4.1.2, RFC 5246 section
 * 7.4.1.2): enough to choose a filter chain. The handshake itself is left to whoever ends TLS.
 */

export interface ClientHello {
  /** Server name indication, lower case; null: none was sent. */
  readonly serverName: string | null;
  /** Application protocols offered (ALPN), in the client's order. */
  readonly alpn: readonly string[];
}

/** `incomplete`: more bytes will tell. `not-tls`: no bytes that follow make it a ClientHello. */
export type ClientHelloOutcome = ClientHello | 'incomplete' | 'not-tls';

const handshakeRecord = 22;
const clientHelloMessage = 1;
const recordHeaderBytes = 5;
const messageHeaderBytes = 4;
/** RFC 8446 section 5.1. */
const recordBytesMax = 2 ** 14;
const serverNameExtension = 0;
const alpnExtension = 16;
const hostNameType = 0;

/** The whole of a first flight. Never throws, whatever the bytes are. */
export function parseClientHello(bytes: Buffer): ClientHelloOutcome {
  return new ClientHelloReader().read(bytes);
}

/** Looks at the first bytes of a connection as they grow; each record is read once. */
export class ClientHelloReader {
  /** Where the record begins that has not been read. */
  #at = 0;
  /** The handshake message as far as it is known: the bytes of records before `#at`. */
  readonly #parts: Buffer[] = [];
  #collected = 0;
  /** Bytes of the whole message; 0 until its header is there. */
  #needed = 0;

  /** `bytes`: everything so far. */
  read(bytes: Buffer): ClientHelloOutcome {
    for (;;) {
      const at = this.#at;
      if (!mayBeRecord(bytes, at)) return 'not-tls';
      if (bytes.length - at < recordHeaderBytes) return 'incomplete';
      const length = bytes.readUInt16BE(at + 3);
      if (length === 0 || length > recordBytesMax) return 'not-tls';
      const start = at + recordHeaderBytes;
      if (at === 0 && bytes.length > start && bytes[start] !== clientHelloMessage) return 'not-tls';
      if (bytes.length - start < length) return 'incomplete';
      this.#at = start + length;
      this.#collect(Buffer.from(bytes.subarray(start, this.#at)));
      if (this.#needed > 0 && this.#collected >= this.#needed) return this.#parse();
    }
  }

  #collect(part: Buffer): void {
    this.#parts.push(part);
    this.#collected += part.length;
    if (this.#needed > 0 || this.#collected < messageHeaderBytes) return;
    const header = Buffer.concat(this.#parts, this.#collected);
    this.#needed = messageHeaderBytes + header.readUIntBE(1, 3);
  }

  #parse(): ClientHelloOutcome {
    const message = Buffer.concat(this.#parts, this.#collected);
    const body = message.subarray(messageHeaderBytes, this.#needed);
    return readClientHello(new Reader(body)) ?? 'not-tls';
  }
}

/** As far as there are bytes: a handshake record of any version from SSL 3.0 on. */
function mayBeRecord(bytes: Buffer, at: number): boolean {
  if (bytes.length > at && bytes[at] !== handshakeRecord) return false;
  return bytes.length <= at + 1 || bytes[at + 1] === 3;
}

/** null: it breaks the rules. */
function readClientHello(reader: Reader): ClientHello | null {
  reader.skip(2 + 32); // Version and random.
  if (reader.vector(1).length > 32) return null; // Session id.
  const ciphers = reader.vector(2).length;
  if (ciphers === 0 || ciphers % 2 !== 0) return null;
  if (reader.vector(1).length === 0) return null; // Compression methods.
  if (reader.failed) return null;
  if (reader.atEnd) return { serverName: null, alpn: [] };
  const extensions = new Reader(reader.vector(2));
  if (reader.failed || !reader.atEnd) return null;
  return readExtensions(extensions);
}

function readExtensions(reader: Reader): ClientHello | null {
  let serverName: string | null = null;
  let alpn: string[] | null = null;
  while (!reader.atEnd && !reader.failed) {
    const type = reader.number(2);
    const body = reader.vector(2);
    if (type === serverNameExtension) {
      const name: string | null = serverName === null ? readServerName(new Reader(body)) : null;
      if (name === null) return null;
      serverName = name;
    } else if (type === alpnExtension) {
      alpn = alpn === null ? readAlpn(new Reader(body)) : null;
      if (alpn === null) return null;
    }
  }
  return reader.failed ? null : { serverName, alpn: alpn ?? [] };
}

/** One host name, as RFC 6066 section 3 has it and every client sends it. */
function readServerName(outer: Reader): string | null {
  const list = new Reader(outer.vector(2));
  const type = list.number(1);
  const name: Buffer = list.vector(2);
  const isWhole = outer.atEnd && list.atEnd && !outer.failed && !list.failed;
  if (!isWhole || type !== hostNameType || name.length === 0 || name.length > 255) return null;
  return name.every(isVisible) ? name.toString('latin1').toLowerCase() : null;
}

/** RFC 7301 section 3.1. */
function readAlpn(outer: Reader): string[] | null {
  const list = new Reader(outer.vector(2));
  if (!outer.atEnd || outer.failed || list.atEnd) return null;
  const protocols: string[] = [];
  while (!list.atEnd && !list.failed) {
    const name = list.vector(1);
    if (name.length === 0) return null;
    protocols.push(name.toString('latin1'));
  }
  return list.failed ? null : protocols;
}

function isVisible(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

/** Takes numbers and vectors off the front; what is not there makes it fail, and reads as empty. */
class Reader {
  failed = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  skip(length: number): void {
    this.#take(length);
  }

  number(size: number): number {
    const taken = this.#take(size);
    return taken.length === size ? taken.readUIntBE(0, size) : 0;
  }

  /** Bytes behind their length, which takes `size` bytes. */
  vector(size: number): Buffer {
    return this.#take(this.number(size));
  }

  #take(length: number): Buffer {
    const start = this.#at;
    if (this.failed || this.#bytes.length - start < length) {
      this.failed = true;
      return this.#bytes.subarray(0, 0);
    }
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }
}

/** Base64 that comes in pieces of any length, of which some may end in padding (RFC 4648 section 4). */

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

export class Base64Reader {
  /** Less than four characters. */
  #rest = '';

  /** The bytes as far as they are whole; null for what is no base64. */
  push(bytes: Buffer, start: number, end: number): Buffer | null {
    const text = this.#rest + bytes.toString('latin1', start, end);
    const whole = text.length - (text.length % 4);
    this.#rest = text.slice(whole);
    return decode(text.slice(0, whole));
  }

  /** False: something is missing, for padding is not optional. */
  get isWhole(): boolean {
    return this.#rest === '';
  }
}

/** Clients encode frame by frame, so padding may stand in the middle. */
function decode(text: string): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; at < text.length; ) {
    const padding = text.indexOf('=', at);
    const end = padding < 0 ? text.length : padding - (padding % 4) + 4;
    const part = text.slice(at, end);
    if (!alphabet.test(part)) return null;
    parts.push(Buffer.from(part, 'base64'));
    at = end;
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}

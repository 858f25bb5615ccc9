/** Names within a certificate, out of the texts in which Node shows them. */

export type AltNameKind = 'DNS' | 'URI' | 'email' | 'IP Address';

export interface AltName {
  /** `othername` and such are left out. */
  readonly kind: AltNameKind;
  readonly value: string;
}

/** RFC 5280: names are IA5String, and neither hosts, URIs nor mails have blanks. */
const nameText = /^[\x21-\x7e]*$/;

const kinds: ReadonlySet<string> = new Set(['DNS', 'URI', 'email', 'IP Address']);

/**
 * `DNS:a.example, URI:"spiffe://x,y"`: a value that could be taken for several is quoted like a
 * JSON string. One with blanks, control or other characters is no name, whoever signed it: it would
 * end lines of heads and logs.
 */
export function parseAltNames(text: string | undefined): AltName[] {
  const names: AltName[] = [];
  let rest = text ?? '';
  while (rest !== '') {
    const entry = /^([^:]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/s.exec(rest);
    if (entry === null) break;
    const [whole, kind = '', said = ''] = entry;
    const value = said.startsWith('"') ? unquote(said) : said;
    if (kinds.has(kind) && value !== null && nameText.test(value)) {
      names.push({ kind: kind as AltNameKind, value });
    }
    rest = rest.slice(whole.length);
  }
  return names;
}

function unquote(text: string): string | null {
  try {
    return JSON.parse(text) as string;
  } catch {
    // Not a name that anybody could have meant.
    return null;
  }
}

/**
 * A subject or issuer as RFC 2253 writes it, last part first; Node has a line for each part, and a
 * blank on both sides of the plus that joins two.
 */
export function distinguishedName(lines: string): string {
  const parts = lines.split('\n').filter((line) => line !== '');
  const ordered = parts.reverse().map((part) => part.split(' + ').reverse().join('+'));
  return ordered.join(',').replace(/[^\0-\x7f]+/g, escapeBytes);
}

/** Beyond ASCII each byte is written in hexadecimal. */
function escapeBytes(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text)) {
    escaped += `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

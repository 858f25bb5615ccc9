/** What the Connection field says (RFC 9110 section 7.6.1). */

interface ConnectionOptions {
  readonly close: boolean;
  readonly keepAlive: boolean;
  readonly upgrade: boolean;
  /** Other names, in lower case: fields meant for this hop only. */
  readonly names: readonly string[] | null;
}

const absent: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, names: null };
const close: ConnectionOptions = { ...absent, close: true };
const keepAlive: ConnectionOptions = { ...absent, keepAlive: true };
const upgrade: ConnectionOptions = { ...absent, upgrade: true };

/** The usual values meet a shared object; lists are split. */
export function parseConnection(value: string | null): ConnectionOptions {
  switch (value) {
    case null:
      return absent;
    case 'keep-alive':
    case 'Keep-Alive':
      return keepAlive;
    case 'close':
    case 'Close':
      return close;
    case 'upgrade':
    case 'Upgrade':
      return upgrade;
    default:
      return parseList(value);
  }
}

function parseList(value: string): ConnectionOptions {
  let hasClose = false;
  let hasKeepAlive = false;
  let hasUpgrade = false;
  const names: string[] = [];
  for (const part of value.toLowerCase().split(',')) {
    const name = part.trim();
    if (name === 'close') hasClose = true;
    else if (name === 'keep-alive') hasKeepAlive = true;
    else if (name === 'upgrade') hasUpgrade = true;
    else if (name !== '') names.push(name);
  }
  return {
    close: hasClose,
    keepAlive: hasKeepAlive,
    upgrade: hasUpgrade,
    names: names.length === 0 ? null : names,
  };
}

/** As many as Envoy takes; more than that is an attack rather than a client. */
const namesMax = 9;

/** Names that Envoy refuses to have removed: they say who the client is. */
const protectedNames: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** False if a request may not nominate these names for removal. */
export function mayNominate(names: readonly string[]): boolean {
  if (names.length > namesMax) return false;
  return !names.some((name) => protectedNames.has(name) || name.startsWith(':'));
}

/** Fills what differs from run to run into configurations, requests and outcomes. */

import { certificateHash, type KeyPair, type TestKeys } from './test-keys.ts';

export interface PlaceholderValues {
  /** Real port of each backend. */
  readonly backends: ReadonlyMap<string, number>;
  /** Logical port to the one really bound. */
  readonly listeners: ReadonlyMap<number, number>;
  readonly keys: TestKeys;
  /** Writes a PEM into a file and returns its path; absent where no file is wanted. */
  readonly pemFile?: (name: string, pem: string) => string;
}

type Filler = (argument: string, values: PlaceholderValues) => string | undefined;

const fillers: Readonly<Record<string, Filler>> = {
  port: (name, { backends }) => backends.get(name)?.toString(),
  listen: (port, { listeners }) => listeners.get(Number(port))?.toString(),
  pem64: (name, { keys }) => {
    const pem = pemOf(keys, name);
    return pem === undefined ? undefined : Buffer.from(pem).toString('base64');
  },
  pemfile: (name, { keys, pemFile }) => {
    const pem = pemOf(keys, name);
    return pem === undefined ? undefined : pemFile?.(name, pem);
  },
  hash: (name, { keys }) => {
    const pair = keys.pairs[name];
    return pair === undefined ? undefined : certificateHash(pair.cert);
  },
  urlpem: (name, { keys }) => {
    const pair = keys.pairs[name];
    return pair === undefined ? undefined : percentEncodedPem(pair.cert);
  },
  jwt: (name, { keys }) => keys.tokens[name],
  jwks: (name, { keys }) => keys.keySets[name],
};

/** `${kind:argument}` replaced; what is not known stays as it is. */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(
    /\$\{([a-z0-9]+):([^}]+)\}/g,
    (all, kind: string, argument: string) => fillers[kind]?.(argument, values) ?? all,
  );
}

/** Every string in a value of JSON filled, and `${repeat:x:3}` written out in it. */
export function fillStrings<T>(value: T, values: PlaceholderValues): T {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === 'string' ? expandRepeats(fillPlaceholders(inner, values)) : inner,
  ) as T;
}

/** `${repeat:x:3}` written out. */
export function expandRepeats(text: string): string {
  return text.replace(/\$\{repeat:([\s\S]):(\d+)\}/g, (_, char: string, count: string) =>
    char.repeat(Number(count)),
  );
}

/** `NAME.cert` or `NAME.key`. */
function pemOf({ pairs }: TestKeys, name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  const part = name.slice(dot + 1) as keyof KeyPair;
  return pairs[name.slice(0, dot)]?.[part];
}

/** Envoy encodes these characters of a PEM and no others. */
function percentEncodedPem(pem: string): string {
  return pem.replace(/[\n +/=]/g, (char) => encodeURIComponent(char));
}

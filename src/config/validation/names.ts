/** Host names, labels, addresses and ports, by the rules of Istio's webhook (pkg/config/labels). */

import { isIP, isIPv4 } from 'node:net';
import type { Path, Problems } from '../problem.ts';

const dnsLabel = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const wildcardLabel = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)$/;

const maxHostLength = 255;

export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text);
}

export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** `10.0.0.0/8`, `2001:db8::/32` or a single address. */
export function isSubnet(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  if (bits === undefined) return isIpAddress(address);
  if (more.length > 0 || !isIpAddress(address) || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (isIPv4(address) ? 32 : 128);
}

/** Why a full name is none; null when it is. */
export function hostNameMistake(name: string): string | null {
  return lengthMistake(name) ?? labelsMistake(name, name);
}

/** Like a full name, but the first label may be or begin with `*`. */
export function wildcardHostMistake(name: string): string | null {
  const tooLong = lengthMistake(name);
  if (tooLong !== null) return tooLong;
  const dot = name.indexOf('.');
  const first = dot === -1 ? name : name.slice(0, dot);
  if (!wildcardLabel.test(first))
    return `"${name}" is not a host name (the part "${first}" is not valid)`;
  return dot === -1 ? null : labelsMistake(name.slice(dot + 1), name);
}

function lengthMistake(name: string): string | null {
  if (name === '') return 'a host name must not be empty';
  return name.length > maxHostLength
    ? `the host name has more than ${maxHostLength} characters`
    : null;
}

function labelsMistake(labels: string, name: string): string | null {
  const parts = labels.split('.');
  const last = parts[parts.length - 1] ?? '';
  if (/^[-+]?\d+$/.test(last)) return `"${name}" is not a host name (the last part is a number)`;
  for (const [index, label] of parts.entries()) {
    // A trailing dot makes a name absolute.
    if (label === '' && index === parts.length - 1 && index > 0) return null;
    if (!isDnsLabel(label))
      return `"${name}" is not a host name (the part "${label}" is not valid)`;
  }
  return null;
}

/** `*.foo` and `*` are wildcards, `*foo` is only in part. */
export function isPartialWildcard(name: string): boolean {
  return name.includes('*') && name !== '*' && !name.startsWith('*.');
}

/** Whether every name that `inner` stands for is also one of `outer`. */
export function coversHost(outer: string, inner: string): boolean {
  if (outer === '*') return true;
  if (!outer.startsWith('*')) return outer === inner;
  const suffix = outer.slice(1);
  return inner.startsWith('*') ? inner.slice(1).endsWith(suffix) : inner.endsWith(suffix);
}

/** Whether two host patterns have names in common. */
export function hostsOverlap(a: string, b: string): boolean {
  return coversHost(a, b) || coversHost(b, a);
}

export function checkPort(port: number | undefined, path: Path, problems: Problems): void {
  const number = port ?? 0;
  if (number >= 1 && number <= 65535) return;
  problems.invalid(path, `the port number must be 1 to 65535, not ${number}`);
}

/** `unix:///path` or `unix://@abstract`. */
export function checkUnixAddress(address: string, path: Path, problems: Problems): void {
  const socket = address.slice(unixPrefix.length);
  if (socket.startsWith('@')) return;
  if (socket.startsWith('/') && !socket.endsWith('/')) return;
  problems.invalid(
    path,
    `"${address}" is not the absolute path of a socket`,
    'unix:///path/to/socket',
  );
}

export const unixPrefix = 'unix://';

const labelKey =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/i;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

type Labels = Readonly<Record<string, string>> | undefined;

export function checkLabels(labels: Labels, path: Path, problems: Problems): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!labelKey.test(key)) problems.invalid([...path, key], `"${key}" is not a valid label name`);
    if (!labelValue.test(value)) {
      problems.invalid([...path, key], `"${value}" is not a valid label value`);
    }
  }
}

/** Labels that select workloads: no wildcards; none at all selects every workload. */
export function checkSelector(labels: Labels, path: Path, problems: Problems): void {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0)
    problems.doubtful(path, 'a selector without labels selects all workloads');
  for (const [key, value] of entries) {
    if (key === '') problems.invalid(path, 'a selector must not have an empty label name');
    if (key.includes('*') || value.includes('*')) {
      problems.invalid([...path, key], `a selector cannot have a wildcard: ${key}=${value}`);
    }
  }
}

const protocols = new Set([
  'http',
  'http_proxy',
  'http2',
  'grpc',
  'grpc-web',
  'grpc-web-native',
  'https',
  'tls',
  'tcp',
  'udp',
  'mongo',
  'redis',
  'mysql',
  'hbone',
  'double_hbone',
]);

export function isProtocol(text: string): boolean {
  return protocols.has(text.toLowerCase());
}

export function isHttpProtocol(text: string | undefined): boolean {
  return ['http', 'http2', 'http_proxy', 'grpc', 'grpc-web'].includes((text ?? '').toLowerCase());
}

/** The proxy looks at the server name of such connections. */
export function isTlsProtocol(text: string | undefined): boolean {
  return ['https', 'tls'].includes((text ?? '').toLowerCase());
}

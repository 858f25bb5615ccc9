/** Host names and wildcards, by the rules of Istio's webhook (pkg/config/labels). */

import { isDnsLabel } from './labels.ts';

const wildcardLabel = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)$/;

const maxHostLength = 255;

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

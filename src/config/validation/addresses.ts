/** IP addresses, sockets and ports. */

import { isIP } from 'node:net';
import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';

export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0;
}

export function checkPort(port: number | undefined, path: Path, problems: Problems): void {
  const number = port ?? 0;
  if (number >= 1 && number <= 65535) return;
  problems.invalid(path, `the port number must be 1 to 65535, not ${number}`);
}

export const unixPrefix = 'unix://';

/** `unix:///path` or `unix://@abstract`: right for Istio, and of no use here yet. */
export function checkUnixAddress(address: string, path: Path, problems: Problems): void {
  const socket = address.slice(unixPrefix.length);
  if (socket.startsWith('@') || (socket.startsWith('/') && !socket.endsWith('/'))) {
    const message = `"${address}" has no effect: only TCP is spoken yet`;
    problems.add({ code: findingCode.noEffect, path, at: 'value', message, hint: null });
    return;
  }
  problems.invalid(
    path,
    `"${address}" is not the absolute path of a socket`,
    'unix:///path/to/socket',
  );
}

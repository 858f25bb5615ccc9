/** Which ports this process may bind, so that Gateway ports need not be moved. */

import { readFileSync } from 'node:fs';

/** What a system says of it. */
export interface BindRights {
  readonly platform: NodeJS.Platform;
  readonly uid: number;
  /** Linux: /proc/self/status; null where it cannot be read. */
  readonly status: string | null;
  /** Linux: net.ipv4.ip_unprivileged_port_start; null where it cannot be read. */
  readonly portStart: string | null;
}

/** Ports below this one are reserved on systems that have no setting for it. */
const usualStart = 1024;

/** CAP_NET_BIND_SERVICE in the mask of capabilities. */
const bindCapability = 1n << 10n;

/** The lowest port that can be bound; 0: all. */
export function firstBindablePort(rights: BindRights = readRights()): number {
  const { platform, uid, status, portStart } = rights;
  // macOS and Windows reserve these ports for nobody.
  if (platform === 'darwin' || platform === 'win32') return 0;
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(status ?? '')?.[1];
  // Root may have lost the capability, and others may have been given it.
  const isFree =
    capabilities === undefined ? uid === 0 : (BigInt(`0x${capabilities}`) & bindCapability) !== 0n;
  if (isFree) return 0;
  return portStart === null ? usualStart : Number(portStart);
}

function readRights(): BindRights {
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    status: textOf('/proc/self/status'),
    portStart: textOf('/proc/sys/net/ipv4/ip_unprivileged_port_start'),
  };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Other systems have no such file.
    return null;
  }
}

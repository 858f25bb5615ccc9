/** Whether this process may bind ports below 1024, so that Gateway ports need not be moved. */

import { readFileSync } from 'node:fs';

const firstFreePortFile = '/proc/sys/net/ipv4/ip_unprivileged_port_start';

export function canBindPrivilegedPorts(): boolean {
  if (process.getuid?.() === 0) return true;
  try {
    return Number(readFileSync(firstFreePortFile, 'utf8')) <= 80;
  } catch {
    // Other systems have no such file: they reserve these ports for root, or (macOS) for nobody.
    return process.platform === 'darwin' || process.platform === 'win32';
  }
}

/** The flag of the commands that look at a running proxy: where its admin API is. */

import type { Command } from 'commander';

export const defaultAdminAddress = '127.0.0.1:15000';

export interface AdminFlags {
  readonly admin: string;
}

export function addAdminOption(command: Command): Command {
  const about = 'admin API of the proxy, HOST:PORT or its URL';
  return command.option('--admin <addr:port>', about, defaultAdminAddress);
}

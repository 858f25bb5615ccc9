/** `sluice tap`: the requests of a running proxy as they end, a line for each. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { type AdminFlags, addAdminOption } from '../options/admin-option.ts';

export interface TapFlags extends AdminFlags {
  readonly filter?: string;
  readonly limit?: number;
  readonly output: 'text' | 'json';
}

const examples = `
Ctrl-C ends it, with exit code 0. A reload of the configuration does not; a proxy
that is restarted is waited for, 30 seconds at most.

Examples:
  sluice tap
  sluice tap --filter 'status>=500 and route=~"reviews.*"'
  sluice tap --filter 'flags=UF or attempts>1' --limit 10
  sluice tap --output json | jq .endpoint`;

export function tapCommand(): Command {
  const command = new Command('tap').description('show requests of a running proxy as they end');
  return addAdminOption(command)
    .option('--filter <expression>', 'only requests for which it holds')
    .option('--limit <number>', 'end after so many requests', parseLimit)
    .addOption(
      new Option('--output <format>', 'json: an object on each line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', examples)
    .action(async (flags: TapFlags) => {
      // Loaded here, so that no other command carries the client and the filters.
      const { tap } = await import('./tap-run.ts');
      process.exitCode = await tap(flags);
    });
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is no number from 1`);
}

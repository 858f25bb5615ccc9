/** `sluice top`: what a running proxy does just now, in tables that are drawn again each second. */

import { Command, Option } from 'commander';
import { type AdminFlags, addAdminOption } from '../options/admin-option.ts';
import { type Grouping, groupings, type SortOrder, sortOrders } from './top-choices.ts';

export interface TopFlags extends AdminFlags {
  readonly by: Grouping;
  readonly sort: SortOrder;
  readonly once?: boolean;
  readonly output: 'text' | 'json';
}

const examples = `
Keys: q or Ctrl-C quits, s sorts in another way, g groups in another way.
Numbers are about the last 10 seconds. Without a terminal, one table is printed.

Examples:
  sluice top
  sluice top --by route --sort success
  sluice top --once --by cluster
  sluice top --output json | jq .total.p99`;

export function topCommand(): Command {
  const command = new Command('top').description('watch the traffic of a running proxy');
  return addAdminOption(command)
    .addOption(choice('--by <what>', 'what requests are grouped by', groupings, 'service'))
    .addOption(choice('--sort <order>', 'what the first lines have', sortOrders, 'requests'))
    .option('--once', 'print one table and end')
    .addOption(
      choice('--output <format>', 'json: print one object and end', ['text', 'json'], 'text'),
    )
    .addHelpText('after', examples)
    .action(async (flags: TopFlags) => {
      // Loaded here, so that no other command carries it.
      const { top } = await import('./top-run.ts');
      process.exitCode = await top(flags);
    });
}

function choice(flags: string, about: string, values: readonly string[], value: string): Option {
  return new Option(flags, about).choices(values).default(value);
}

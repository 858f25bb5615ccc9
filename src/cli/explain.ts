/** `sluice explain`: where a request goes by the rules, and why it goes nowhere else. */

import { Command, Option } from 'commander';
import { defaultAdminAddress } from './admin-option.ts';
import { addFileOption, addIdentityOptions, collect } from './config-options.ts';
import { type ExplainFlags, usageError } from './explain-flags.ts';

const examples = `
Exit code: 0 explained, 1 no listener takes it or the rules were refused, 2 wrong usage.

Examples:
  sluice explain GET http://reviews:9080/reviews/1 -f rules/
  sluice explain GET http://reviews:9080/ -f rules/ -H 'end-user: jason' --source-labels app=web
  sluice explain POST https://shop.example/cart -f rules/ --gateway shop-gateway
  sluice explain GET http://reviews:9080/ --admin ${defaultAdminAddress}`;

export function explainCommand(): Command {
  const command = new Command('explain')
    .description('say where a request goes, by which line, and why no earlier route takes it')
    .argument('<method>', 'such as GET')
    .argument('<url>', 'with scheme and host, such as http://reviews:9080/reviews/1');
  return addIdentityOptions(addFileOption(command))
    .option('-H, --header <line>', "'name: value'; repeatable", collect)
    .option('--source-labels <k=v,...>', 'labels of the workload that sends it, into the mesh')
    .option('--gateway <name>', 'it comes in by this Gateway, NAME or NAMESPACE/NAME')
    .option('--mesh', 'it comes from a workload of the mesh')
    .option('--listener <name>', 'it comes in by this listener')
    .option('--sni <name>', 'server name of its TLS (default: the host of an https URL)')
    .option('--client <address>', 'address that it comes from (default: 127.0.0.1)')
    .option('--admin <addr:port>', 'ask a running proxy, by its live endpoints, instead of files')
    .addOption(
      new Option('--output <format>', 'how it is printed')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', examples)
    .action(async (method: string, url: string, flags: ExplainFlags) => {
      checkFlags(flags);
      // Loaded here, so that no other command carries it.
      const { explain } = await import('./explain-run.ts');
      process.exitCode = await explain({ method, url }, flags);
    });
}

function checkFlags(flags: ExplainFlags): void {
  refuseBoth(flags, 'gateway', 'mesh');
  refuseBoth(flags, 'labels', 'sourceLabels');
  // A running proxy has read its files, and knows who it is.
  for (const own of ['file', 'labels', 'sourceLabels', 'namespace', 'workload'] as const) {
    refuseBoth(flags, 'admin', own);
  }
}

function refuseBoth(flags: ExplainFlags, one: keyof ExplainFlags, other: keyof ExplainFlags): void {
  if (flags[one] === undefined || flags[other] === undefined) return;
  throw usageError(`${flagName(one)} and ${flagName(other)} exclude each other`);
}

function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

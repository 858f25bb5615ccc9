/** `sluice explain`: where a request goes by the rules, and why it goes nowhere else. */

import { Command, Option } from 'commander';
import { defaultAdminAddress } from '../options/admin-option.ts';
import { addFileOption, addIdentityOptions, collect } from '../options/config-options.ts';
import { missingArgument, usageError } from '../options/usage-error.ts';
import type { ExplainFlags } from './explain-flags.ts';

const examples = `
Exit code: 0 explained, 1 no listener takes it or the rules were refused, 2 wrong usage.

Examples:
  sluice explain GET http://reviews:9080/reviews/1 -f rules/
  sluice explain GET http://reviews:9080/ -f rules/ -H 'end-user: jason' --source-labels app=web
  sluice explain POST https://shop.example/cart -f rules/ --gateway shop-gateway
  sluice explain GET https://shop.example/ -f rules/ --client-cert client.pem
  sluice explain --tcp store.default:6379 -f rules/ --source-labels app=web
  sluice explain --tcp 10.1.2.3:443 --sni db.example -f rules/
  sluice explain GET http://reviews:9080/ --admin ${defaultAdminAddress}`;

const aboutFiles =
  'file, folder (recursive), or - for standard input; repeatable; not with --admin';

export function explainCommand(): Command {
  const command = new Command('explain')
    .description('say where a request goes, by which line, and why no earlier route takes it')
    .argument('[method]', 'such as GET')
    .argument('[url]', 'with scheme and host, such as http://reviews:9080/reviews/1')
    .option('--tcp <host:port>', 'explain a connection that is no HTTP, in place of a request');
  return addIdentityOptions(addFileOption(command, aboutFiles))
    .option('-H, --header <line>', "'name: value'; repeatable", collect)
    .option('--source-labels <k=v,...>', 'labels of the workload that sends it, into the mesh')
    .option('--gateway <name>', 'it comes in by this Gateway, NAME or NAMESPACE/NAME')
    .option('--mesh', 'it comes from a workload of the mesh')
    .option('--listener <name>', 'it comes in by this listener')
    .option('--sni <name>', 'server name of its TLS (default: the host of an https URL)')
    .option('--client-cert <file>', 'certificate that the client shows, PEM (default: a good one)')
    .option('--no-client-cert', 'the client shows none')
    .option('--client <address>', 'address that it comes from (default: 127.0.0.1)')
    .option('--admin <addr:port>', 'ask a running proxy, by its live endpoints, instead of files')
    .addOption(
      new Option('--output <format>', 'how it is printed')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', examples)
    .action(async (method: string | undefined, url: string | undefined, flags: ExplainFlags) => {
      checkFlags(flags);
      const line = method === undefined || url === undefined ? null : { method, url };
      checkSubject(method, line, flags);
      // Loaded here, so that no other command carries it.
      const { explain, explainTcp } = await import('./explain-run.ts');
      process.exitCode =
        line === null ? await explainTcp(flags.tcp ?? '', flags) : await explain(line, flags);
    });
}

/** A request or a connection, one of both and all of it. */
function checkSubject(
  method: string | undefined,
  line: { readonly url: string } | null,
  { tcp, header }: ExplainFlags,
): void {
  if (tcp === undefined && method === undefined) {
    throw missingArgument('a request has METHOD and URL, a connection --tcp HOST:PORT');
  }
  if (tcp === undefined && line === null) throw missingArgument("missing required argument 'url'");
  if (tcp !== undefined && method !== undefined) {
    throw usageError('METHOD and URL are those of a request, --tcp is another connection');
  }
  if (tcp !== undefined && header !== undefined) {
    throw usageError('--header is for requests: nothing is read of a connection');
  }
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

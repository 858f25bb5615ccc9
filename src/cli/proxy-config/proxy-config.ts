/** `sluice proxy-config`: the configuration of a running proxy in tables, like istioctl's. */

import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type AdminFlags, addAdminOption } from '../options/admin-option.ts';
import type { ConfigFilters } from './proxy-config-kind.ts';

export interface ProxyConfigFlags extends AdminFlags, ConfigFilters {
  readonly output: 'short' | 'wide' | 'json' | 'yaml';
}

const examples = `
Kinds, with their short names as in istioctl:
  listeners  listener, l
  routes     route, r
  clusters   cluster, c
  endpoints  endpoint, ep
  gateways   gateway, g: the Gateway API's status conditions
  secrets    secret, s
  log        o
  all        a: listeners, routes, clusters, endpoints
A filter that a kind does not have is refused; with "all" it holds for the kinds
that have it.

Examples:
  sluice proxy-config routes
  sluice proxy-config routes --name 9080 -o wide
  sluice pc clusters --fqdn reviews --subset v2
  sluice pc endpoints --status unhealthy
  sluice pc listeners --port 8080 -o json
  sluice pc gateways -o wide
  sluice pc all --admin 127.0.0.1:15100 -o yaml`;

export function proxyConfigCommand(): Command {
  const command = new Command('proxy-config')
    .alias('pc')
    .description('print the configuration of a running proxy')
    .addArgument(
      new Argument('<kind>', 'listeners, routes, clusters, endpoints, gateways, secrets, log, all'),
    );
  return addFilterOptions(addAdminOption(command))
    .addOption(
      new Option('-o, --output <format>', 'wide adds columns, such as file and line')
        .choices(['short', 'wide', 'json', 'yaml'])
        .default('short'),
    )
    .addHelpText('after', examples)
    .action(async (kind: string, flags: ProxyConfigFlags) => {
      // Loaded here, so that no other command carries the tables.
      const { proxyConfig } = await import('./proxy-config-run.ts');
      process.exitCode = await proxyConfig(kind, flags);
    });
}

function addFilterOptions(command: Command): Command {
  return command
    .option('--address <ip>', 'listeners, endpoints: of this address')
    .option('--port <number>', 'listeners, clusters, endpoints: of this port', parsePortFilter)
    .option('--name <name>', 'listeners, routes, clusters, gateways: of this name')
    .option('--fqdn <text>', 'clusters: of services whose full name has this text')
    .option('--subset <name>', 'clusters: of this subset')
    .option(
      '--direction <direction>',
      'clusters: inbound or outbound',
      oneOf('inbound', 'outbound'),
    )
    .option('--cluster <name>', 'endpoints: of this cluster')
    .option('--status <status>', 'endpoints: healthy or unhealthy', oneOf('healthy', 'unhealthy'));
}

/** In any case of letters, as the tables have them in capitals. Another value would find nothing. */
function oneOf(...values: readonly string[]): (text: string) => string {
  return (text) => {
    if (values.includes(text.toLowerCase())) return text;
    throw new InvalidArgumentError(`Allowed choices are ${values.join(', ')}.`);
  };
}

const maxPort = 65_535;

function parsePortFilter(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= maxPort) return Number(text);
  throw new InvalidArgumentError(`"${text}" is not a port (0 to ${maxPort})`);
}

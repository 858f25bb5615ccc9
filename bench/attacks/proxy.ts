/** sluice as people run it: the built package, with a Gateway in plain text and one with TLS. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { makeCertificate, tlsSecret } from '../support/certificate.ts';
import { type PinnedProcess, startPinned } from '../support/pinned-process.ts';
import { resource } from '../support/resource.ts';
import {
  adminPort,
  endpointPort,
  goodEndpointPort,
  goodPath,
  plainPort,
  proxyCore,
  tlsPort,
} from './setup.ts';

/** Routes of a shop whose paths are matched by regexes, the last one of which takes all. */
const regexRoutes = [
  '/(catalog/)?([a-z]+/)*item-[0-9]+',
  '.*[.](png|jpe?g|gif|svg|css|js)',
  '/(a|b|ab)*c',
  '/.*/.*/.*/reviews',
];

export interface AttackedProxy extends PinnedProcess {
  /** Says how often it has collected its garbage when it was told to; see collect-garbage.ts. */
  readonly collectedFile: string;
}

/** `main`: the entry point. Limits are those of a proxy that nobody has tuned. */
export async function startProxy(main: string, folder: string): Promise<AttackedProxy> {
  const rules = join(folder, 'rules');
  mkdirSync(rules, { recursive: true });
  const documents = [
    bootstrap(),
    ...gateways(),
    tlsSecret('shop-cert', makeCertificate(folder)),
    ...routes(),
  ];
  writeFileSync(join(rules, 'rules.yaml'), documents.map((it) => stringify(it)).join('---\n'));
  const collectedFile = join(folder, 'collected');
  const collector = join(import.meta.dirname, 'collect-garbage.ts');
  const command = [
    ...['env', `COLLECTED_FILE=${collectedFile}`, process.execPath],
    ...['--expose-gc', '--import', collector, main, 'run', '-f', rules, '--outbound', 'off'],
  ];
  return { ...(await startPinned(proxyCore, command, plainPort)), collectedFile };
}

function bootstrap(): unknown {
  return resource('sluice.dev/v1', 'Bootstrap', 'attacks', {
    listeners: { admin: `127.0.0.1:${adminPort}`, ports: { 80: plainPort, 443: tlsPort } },
    accessLog: { path: 'off' },
  });
}

function gateways(): unknown[] {
  const selector = { istio: 'ingressgateway' };
  const hosts = ['*'];
  const plain = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts };
  const tls = {
    port: { number: 443, name: 'https', protocol: 'HTTPS' },
    hosts,
    tls: { mode: 'SIMPLE', credentialName: 'shop-cert' },
  };
  const version = 'networking.istio.io/v1';
  return [resource(version, 'Gateway', 'shop', { selector, servers: [plain, tls] })];
}

function routes(): unknown[] {
  const good = routeTo('cart.test');
  const route = routeTo('shop.test');
  const regexes = regexRoutes.map((regex) => ({ match: [{ uri: { regex } }], route }));
  const refused = { match: [{ uri: { prefix: '/refused' } }], directResponse: { status: 403 } };
  const cart = { match: [{ uri: { exact: goodPath } }], route: good };
  const rule = resource('networking.istio.io/v1', 'VirtualService', 'shop', {
    hosts: ['*'],
    gateways: ['shop'],
    http: [refused, ...regexes, cart, { route }],
  });
  return [service('cart.test', goodEndpointPort), service('shop.test', endpointPort), rule];
}

function routeTo(host: string): unknown {
  return [{ destination: { host, port: { number: 80 } } }];
}

function service(host: string, port: number): unknown {
  return resource('networking.istio.io/v1', 'ServiceEntry', host, {
    hosts: [host],
    resolution: 'STATIC',
    ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    endpoints: [{ address: '127.0.0.1', ports: { http: port } }],
  });
}

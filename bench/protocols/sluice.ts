/** sluice itself, the built package, with a Gateway and one route. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { tlsSecret } from '../support/certificate.ts';
import { resource } from '../support/resource.ts';
import {
  adminPort,
  type Certificate,
  type ProtocolPeer,
  type ProtocolRow,
  proxyPort,
} from './protocol.ts';

const main = resolve(import.meta.dirname, '../../dist/main.js');

export const sluicePeer: ProtocolPeer = {
  name: 'sluice',
  prepare: (folder, row, certificate) => {
    const rules = join(folder, `sluice-${row.protocol}`);
    mkdirSync(rules, { recursive: true });
    const documents = [bootstrap(row), ...services(row), ...gateway(row, certificate)];
    writeFileSync(join(rules, 'rules.yaml'), documents.map((it) => stringify(it)).join('---\n'));
    return [process.execPath, main, 'run', '-f', rules, '--outbound', 'off'];
  },
};

function bootstrap(row: ProtocolRow): unknown {
  return resource('sluice.dev/v1', 'Bootstrap', 'bench', {
    listeners: { admin: `127.0.0.1:${adminPort}`, ports: { [row.isTls ? 443 : 80]: proxyPort } },
    accessLog: { path: 'off' },
  });
}

function services(row: ProtocolRow): unknown[] {
  const protocol = row.isHttp2Upstream ? 'GRPC' : 'HTTP';
  const entry = resource('networking.istio.io/v1', 'ServiceEntry', 'shop', {
    hosts: ['shop.test'],
    resolution: 'STATIC',
    ports: [{ number: 80, name: 'main', protocol }],
    endpoints: row.endpointPorts.map((port) => ({ address: '127.0.0.1', ports: { main: port } })),
  });
  const route = [{ destination: { host: 'shop.test', port: { number: 80 } } }];
  const rule = resource('networking.istio.io/v1', 'VirtualService', 'shop', {
    hosts: ['*'],
    gateways: ['shop'],
    http: [{ route }],
  });
  return [entry, rule];
}

function gateway(row: ProtocolRow, certificate: Certificate): unknown[] {
  const port = row.isTls
    ? { number: 443, name: 'https', protocol: 'HTTPS' }
    : { number: 80, name: 'http', protocol: 'HTTP' };
  const tls = row.isTls ? { tls: { mode: 'SIMPLE', credentialName: 'shop-cert' } } : {};
  const spec = { selector: { istio: 'ingressgateway' }, servers: [{ port, hosts: ['*'], ...tls }] };
  const resources = [resource('networking.istio.io/v1', 'Gateway', 'shop', spec)];
  return row.isTls ? [...resources, tlsSecret('shop-cert', certificate)] : resources;
}

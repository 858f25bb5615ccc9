import t from 'tap';
import { protocolNote } from '../../../src/cli/run/protocol-note.ts';
import { type FilterChain, matchAny } from '../../../src/model/filter-chain.ts';
import type { Direction, Listener } from '../../../src/model/listener.ts';
import { builtInOrigin } from '../../../src/model/origin.ts';
import { simpleTls } from '../../support/tls-fixtures.ts';

const base = { name: 'chain', match: matchAny, tls: null, origin: builtInOrigin };
const tcp = { clusters: [], idleTimeoutMs: 0, maxConnectionDurationMs: 0, hashSourceIp: false };
const http = { ...base, kind: 'http' } as FilterChain;
const https = { ...http, tls: simpleTls() } as FilterChain;
const plain: FilterChain = { ...base, kind: 'tcp', tcp };
const ended: FilterChain = { ...plain, tls: simpleTls() };
const passed: FilterChain = { ...plain, match: { ...matchAny, serverNames: ['a.com'] } };

function noteOf(
  filterChains: readonly FilterChain[],
  direction: Direction = 'gateway',
  proxyProtocol = false,
): string {
  return protocolNote({ direction, filterChains, proxyProtocol } as Listener);
}

t.test('the protocols of a Gateway port are named where it is not plain HTTP', async (t) => {
  t.equal(noteOf([http]), '');
  t.equal(noteOf([https]), ' (https)');
  t.equal(noteOf([plain]), ' (tcp)');
  t.equal(noteOf([ended]), ' (tls)');
  t.equal(noteOf([passed, https]), ' (https, tls)');
  t.equal(noteOf([plain], 'outbound'), '');
});

t.test('TLS is named everywhere, and where a PROXY protocol header is awaited', async (t) => {
  t.equal(noteOf([http, https], 'inbound'), ' (https)');
  t.equal(noteOf([plain, ended], 'inbound'), ' (tls)');
  t.equal(noteOf([http], 'gateway', true), ' (http, PROXY protocol)');
  t.equal(noteOf([https], 'gateway', true), ' (https, PROXY protocol)');
  t.equal(noteOf([http], 'inbound', true), ' (PROXY protocol)');
});

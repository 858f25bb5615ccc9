import t from 'tap';
import { systemClock } from '../../../src/base/clock.ts';
import { type FilterChainMatch, matchAny } from '../../../src/model/filter-chain.ts';
import { ActiveTcpChain } from '../../../src/proxy/listener/active-filter-chain.ts';
import {
  type ConnectionFacts,
  FilterChainMatcher,
} from '../../../src/proxy/listener/filter-chain-matcher.ts';
import { TlsContexts } from '../../../src/transport/tls-contexts.ts';
import { tcpChain } from '../../support/tcp-models.ts';
import { simpleTls } from '../../support/tls-fixtures.ts';

type Rules = Readonly<Record<string, Partial<FilterChainMatch>>>;

function matcherOf(rules: Rules): FilterChainMatcher {
  const chains = Object.entries(rules).map(([name, match]) => {
    const model = tcpChain({ name, match: { ...matchAny, ...match } });
    return new ActiveTcpChain(model, new TlsContexts(systemClock));
  });
  return new FilterChainMatcher(chains);
}

const raw: ConnectionFacts = { serverName: null, isTls: false, isHttp: false };
const http: ConnectionFacts = { ...raw, isHttp: true };

function tls(serverName: string | null): ConnectionFacts {
  return { serverName, isTls: true, isHttp: false };
}

function chosen(matcher: FilterChainMatcher, address: string, facts = raw): string | null {
  return matcher.chainsFor(address)?.choose(facts)?.model.name ?? null;
}

t.test('one chain for everything is known without looking', async (t) => {
  t.equal(matcherOf({ a: {} }).only?.model.name, 'a');
  t.equal(matcherOf({ a: {}, b: {} }).only?.model.name, 'a', 'the first of equals');
  t.equal(matcherOf({}).only, null);
  t.equal(matcherOf({ a: { destinations: ['10.0.0.0/8'] } }).only, null);
  t.equal(matcherOf({ a: { serverNames: ['a.test'] } }).only, null);
  t.equal(matcherOf({ a: { transport: 'raw' } }).only, null);
  t.equal(matcherOf({ a: {}, b: { application: 'http' } }).only, null);
});

t.test('the closest destination wins, however it is spelled', async (t) => {
  const matcher = matcherOf({
    wide: { destinations: ['10.0.0.0/8', 'fd00::/8'] },
    narrow: { destinations: ['10.1.2.3/16'] },
    one: { destinations: ['10.1.2.3', 'fd00::1'] },
    any: {},
  });
  const rows = [
    ['10.1.2.3', 'one'],
    ['10.1.9.9', 'narrow'],
    ['10.9.9.9', 'wide'],
    ['11.0.0.1', 'any'],
    ['fd00::1', 'one'],
    ['fd00::2', 'wide'],
    ['::1', 'any'],
  ] as const;
  for (const [address, name] of rows) t.equal(chosen(matcher, address), name, address);
});

t.test('a destination that fits does not go back to a wider one', async (t) => {
  const matcher = matcherOf({
    tls: { destinations: ['10.1.0.0/16'], transport: 'tls' },
    more: { destinations: ['10.1.7.7/16'], serverNames: ['a.test'] },
    wide: { destinations: ['10.0.0.0/8'] },
  });
  t.equal(chosen(matcher, '10.1.2.3', tls('a.test')), 'more');
  t.equal(chosen(matcher, '10.1.2.3', tls('b.test')), 'tls');
  t.equal(chosen(matcher, '10.1.2.3', raw), null);
  t.equal(chosen(matcher, '10.2.2.3', raw), 'wide');
});

t.test('what no step finds is for the chain that asks for nothing', async (t) => {
  const matcher = matcherOf({
    range: { destinations: ['10.1.0.0/16'], serverNames: ['a.test'] },
    name: { serverNames: ['b.test'], transport: 'tls', application: 'http' },
    web: { transport: 'raw', application: 'http' },
    any: {},
  });
  t.equal(chosen(matcher, '10.1.2.3', tls('c.test')), 'any');
  t.equal(chosen(matcher, '10.2.2.3', http), 'web');
  t.equal(chosen(matcher, '10.2.2.3', raw), 'any');
  t.equal(chosen(matcher, '10.2.2.3', tls('b.test')), 'any');
});

t.test('only what a destination asks for is looked at', async (t) => {
  const matcher = matcherOf({
    mysql: { destinations: ['10.0.0.1/32'] },
    web: { application: 'http' },
    other: {},
  });
  const asked = (address: string) => {
    const chains = matcher.chainsFor(address);
    return [chains?.asksTls, chains?.asksHttp];
  };
  t.same(asked('10.0.0.1'), [false, false]);
  t.same(asked('10.0.0.2'), [false, true]);
});

t.test('TLS of the chain for what is left over is looked for everywhere', async (t) => {
  const contexts = new TlsContexts(systemClock);
  const range = { ...matchAny, destinations: ['10.0.0.1/32'], application: 'http' } as const;
  const matcher = new FilterChainMatcher([
    new ActiveTcpChain(tcpChain({ name: 'web', match: range }), contexts),
    new ActiveTcpChain(tcpChain({ name: 'rest', tls: simpleTls() }), contexts),
  ]);
  t.equal(matcher.chainsFor('10.0.0.1')?.asksTls, true);
  t.equal(chosen(matcher, '10.0.0.1', tls('a')), 'rest');
});

t.test('server names: exact, then the longest wildcard, then none', async (t) => {
  const matcher = matcherOf({
    exact: { serverNames: ['a.example.com', 'b.example.com'] },
    wild: { serverNames: ['*.example.com'] },
    deep: { serverNames: ['*.deep.example.com'] },
    any: {},
  });
  const rows = [
    ['a.example.com', 'exact'],
    ['b.example.com', 'exact'],
    ['c.example.com', 'wild'],
    ['x.y.example.com', 'wild'],
    ['x.deep.example.com', 'deep'],
    ['x.y.deep.example.com', 'deep'],
    ['deep.example.com', 'wild'],
    ['example.com', 'any'],
    ['badexample.com', 'any'],
    [null, 'any'],
  ] as const;
  for (const [name, chain] of rows) t.equal(chosen(matcher, '::1', tls(name)), chain, String(name));
  const strict = matcherOf({ exact: { serverNames: ['a.test'] } });
  t.equal(chosen(strict, '::1', tls(null)), null);
  t.equal(chosen(strict, '::1', tls('b.test')), null);
  t.equal(chosen(matcherOf({ star: { serverNames: ['*'] } }), '::1', tls(null)), 'star');
});

t.test('transport and application, without going back', async (t) => {
  const matcher = matcherOf({
    named: { serverNames: ['a.test'], transport: 'raw' },
    http: { transport: 'raw', application: 'http' },
    tls: { transport: 'tls' },
    anyHttp: { application: 'http' },
  });
  t.equal(chosen(matcher, '::1', http), 'http');
  t.equal(chosen(matcher, '::1', raw), null, 'raw is asked for, and HTTP behind it');
  t.equal(chosen(matcher, '::1', tls('b.test')), 'tls');
  t.equal(chosen(matcher, '::1', tls('a.test')), null);
  const open = matcherOf({ web: { application: 'http' }, tcp: {} });
  t.equal(chosen(open, '::1', http), 'web');
  t.equal(chosen(open, '::1', raw), 'tcp');
  t.equal(chosen(open, '::1', tls(null)), 'tcp');
});

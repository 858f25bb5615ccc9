import t from 'tap';
import type { RedirectAction } from '../../src/model/route.ts';
import type { PathMatch } from '../../src/model/route-match.ts';
import type { CompiledRedirect, CompiledRoute } from '../../src/routing/compiled-route.ts';
import { redirectLocation } from '../../src/routing/redirect.ts';
import {
  compiledHost,
  pathMatch,
  redirectTo,
  route,
  routeRequest,
} from '../support/route-models.ts';

interface Given {
  readonly action: Partial<RedirectAction>;
  readonly scheme?: string;
  readonly authority?: string;
  readonly path?: string;
  readonly match?: PathMatch;
}

function location(given: Given): string {
  const { action, path = '/p?x=1', match = pathMatch('prefix', '/'), ...parts } = given;
  const host = compiledHost([route('r', { path: match }, redirectTo(action))]);
  const compiled = host.routes[0] as CompiledRoute;
  const request = routeRequest(path, { authority: 'a.test', ...parts });
  return redirectLocation(compiled.action as CompiledRedirect, request, compiled);
}

t.test('what the action leaves out comes from the request', async (t) => {
  t.equal(location({ action: {} }), 'http://a.test/p?x=1');
  t.equal(location({ action: {}, scheme: 'https' }), 'https://a.test/p?x=1');
  t.equal(location({ action: { host: 'b.test' } }), 'http://b.test/p?x=1');
  t.equal(location({ action: {}, authority: 'A.test' }), 'http://A.test/p?x=1');
});

t.test('a path takes the place of the whole path and keeps the query', async (t) => {
  t.equal(location({ action: { path: '/n' } }), 'http://a.test/n?x=1');
  t.equal(location({ action: { path: '/n' }, path: '/p' }), 'http://a.test/n');
  t.equal(location({ action: { path: '/n?y=2' } }), 'http://a.test/n?y=2');
});

t.test('a path without a slash gets one, so that it cannot become part of the host', async (t) => {
  t.equal(location({ action: { path: 'n' } }), 'http://a.test/n?x=1');
  t.equal(location({ action: { path: '?y=2' } }), 'http://a.test/?y=2');
  t.equal(location({ action: { path: '.evil.test/' }, path: '/p' }), 'http://a.test/.evil.test/');
  const match = pathMatch('prefix', '/old');
  t.equal(location({ action: { prefixRewrite: 'new' }, match, path: '/old' }), 'http://a.test/new');
});

t.test('a prefix rewrite replaces what matched', async (t) => {
  const action = { prefixRewrite: '/new/' };
  const match = pathMatch('prefix', '/old/');
  t.equal(location({ action, match, path: '/old/x?y' }), 'http://a.test/new/x?y');
});

t.test('the port of the request stays unless something else says so', async (t) => {
  t.equal(location({ action: {}, authority: 'a.test:8080' }), 'http://a.test:8080/p?x=1');
  t.equal(location({ action: {}, authority: 'a.test:80' }), 'http://a.test:80/p?x=1');
  const https = { scheme: 'https' };
  const dropping = { ...https, dropsPort: true };
  t.equal(location({ action: dropping, authority: 'a.test:8080' }), 'https://a.test/p?x=1');
  t.equal(location({ action: dropping, authority: '[::1]:8080' }), 'https://[::1]/p?x=1');
  t.equal(location({ action: https, authority: 'a.test:80' }), 'https://a.test/p?x=1');
  t.equal(location({ action: https, authority: 'a.test:8080' }), 'https://a.test:8080/p?x=1');
  const http = { scheme: 'http' };
  t.equal(
    location({ action: http, scheme: 'https', authority: 'a.test:443' }),
    'http://a.test/p?x=1',
  );
  t.equal(location({ action: http, authority: 'a.test:80' }), 'http://a.test:80/p?x=1');
  const port = { port: 8443 };
  t.equal(location({ action: port, authority: 'a.test:1' }), 'http://a.test:8443/p?x=1');
  t.equal(location({ action: { host: 'b.test' }, authority: 'a:1' }), 'http://b.test/p?x=1');
});

t.test('the colons of an IPv6 address are no port', async (t) => {
  t.equal(location({ action: { port: 81 }, authority: '[::1]' }), 'http://[::1]:81/p?x=1');
  t.equal(location({ action: { port: 81 }, authority: '[::1]:80' }), 'http://[::1]:81/p?x=1');
});

t.test('what is not ASCII goes out as the bytes of its UTF-8 form', async (t) => {
  const bytes = Buffer.from('/Ċ', 'utf8').toString('latin1');
  t.equal(location({ action: { path: '/Ċ' }, path: '/p' }), `http://a.test${bytes}`);
  const action = { prefixRewrite: '/Ċ' };
  t.equal(location({ action, match: pathMatch('prefix', '/p') }), `http://a.test${bytes}?x=1`);
});

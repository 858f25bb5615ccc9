/** The forms of a request target beside the usual one. */

import t from 'tap';
import { isHostAndPort, parseAbsoluteTarget } from '../../src/http1/target.ts';

t.test('absolute-form targets', async (t) => {
  const cases: readonly [target: string, parts: readonly [string, string, string]][] = [
    ['http://a.example', ['http', 'a.example', '/']],
    ['HTTPS://A.example:8443/x/y?z', ['https', 'A.example:8443', '/x/y?z']],
    ['http://a?q=1', ['http', 'a', '?q=1']],
    ['http://u:p@a:80/', ['http', 'a:80', '/']],
    ['http://[::1]:80/x', ['http', '[::1]:80', '/x']],
    ['http://[::1]/x', ['http', '[::1]', '/x']],
  ];
  for (const [target, [scheme, authority, path]] of cases) {
    t.same(parseAbsoluteTarget(target), { scheme, authority, path }, target);
  }
});

t.test('targets that are none of that form', async (t) => {
  for (const target of ['/a', 'http:/a', 'a', '://a']) {
    t.equal(parseAbsoluteTarget(target), 'bad_target', target);
  }
  const authorities = ['', ':80', 'u@', 'a@b@c', 'a:', 'a:65536', 'a:x', 'a"'];
  for (const authority of authorities) {
    t.equal(parseAbsoluteTarget(`http://${authority}/`), 'bad_target_form', authority);
  }
  t.equal(parseAbsoluteTarget('ftp://a/'), 'bad_target_form');
});

t.test('the target of CONNECT is a host and a port', async (t) => {
  for (const target of ['a:443', '[::1]:443']) t.ok(isHostAndPort(target), target);
  for (const target of ['a', 'a:', '/a:1', 'u@a:443', '', '[::1]']) {
    t.notOk(isHostAndPort(target), target);
  }
});

/** The parts of absolute-form targets. */

import t from 'tap';
import { parseAbsoluteTarget } from '../../src/http1/target.ts';

t.test('absolute-form targets', async (t) => {
  const cases: readonly [target: string, parts: readonly [string, string, string] | null][] = [
    ['http://a.example', ['http', 'a.example', '/']],
    ['HTTPS://A.example:8443/x/y?z', ['https', 'A.example:8443', '/x/y?z']],
    ['http://a?q=1', ['http', 'a', '/?q=1']],
    ['http://u:p@a:80/', ['http', 'u:p@a:80', '/']],
    ['http://[::1]:80/x', ['http', '[::1]:80', '/x']],
    ['http://a:/', ['http', 'a:', '/']],
    ['/a', null],
    ['http:/a', null],
    ['ftp://a/', null],
    ['http://', null],
    ['http:///a', null],
    ['http://:80/', null],
    ['http://u@/', null],
    ['http://a@b@c/', null],
    ['http://a:65536/', null],
    ['http://a:x/', null],
    ['http://a"/', null],
  ];
  for (const [target, parts] of cases) {
    const expected = parts && { scheme: parts[0], authority: parts[1], path: parts[2] };
    t.same(parseAbsoluteTarget(target), expected, target);
  }
});

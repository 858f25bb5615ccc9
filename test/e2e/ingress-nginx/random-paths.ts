/** Paths near those of the cases: what a hand does not think of. */

import { SeededRandom } from '../../../src/base/random.ts';
import type { Case, CaseRequest } from './cases.ts';

/** Of paths alone; the others count or wait. */
const ofPaths: readonly string[] = [
  ...['canary-values', 'plain-paths', 'regex-order', 'rewrite-groups', 'rewrite-root'],
  'upstream-headers',
];

/** Parts of paths. nginx decodes and merges slashes, which is a difference of its own. */
const fragments = [
  ...['/app', '/APP', '/something', '/Some', 'thing', '/foo', '/foo/bar', '/bar', 'bar', '/api'],
  ...['/v1', '/v22', '/users', '/orders', '/segment', '/exact', '/text', 'ual', '/value', '/shop'],
  ...['/pattern', '/x', 'x', '-', '_', '.', '/a.b', '7', '~', '+'],
];

export function* randomRequests(cases: readonly Case[], count: number): Generator<CaseRequest> {
  const random = new SeededRandom(7);
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random.fraction() * items.length)] as Item;
  const chosen = cases.filter(({ name }) => ofPaths.includes(name));
  for (let made = 0; made < count; made += 1) {
    const { requests } = pick(chosen);
    const request = pick(requests);
    const [method = '', path = ''] = request.ask.split('?', 1)[0]?.split(' ') ?? [];
    const start = random.fraction() < 0.5 ? path : '';
    const rest = Array.from({ length: 1 + (random.uint32() % 3) }, () => pick(fragments)).join('');
    const slash = start === '' && !rest.startsWith('/') ? '/' : '';
    const query = random.fraction() < 0.3 ? '?q=1&r=/x' : '';
    const asked = `${slash}${start}${rest}`.replaceAll(/\/+/g, '/');
    yield { ...request, ask: `${method} ${asked}${query}` };
  }
}

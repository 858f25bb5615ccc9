import t from 'tap';
import { routeTable, virtualHost } from '../support/route-models.ts';

const domains = ['Shop.example.com', '*.example.com', '*-eu.example.com', 'shop.*', 'sho*', '*'];

function finder(
  names: readonly string[],
  ignorePort = false,
): (authority: string) => string | null {
  const table = routeTable(
    names.map((name) => virtualHost([name])),
    ignorePort,
  );
  return (authority) => table.findVirtualHost(authority)?.virtualHost.name ?? null;
}

t.test('a table has the hosts that a domain other than * covers', async (t) => {
  const table = routeTable(domains.map((name) => virtualHost([name])));
  const hosts = ['shop.example.com', 'cart.example.com', 'shop.test', 'shoes.test'];
  for (const host of hosts) t.equal(table.hasHost(host), true, host);
  for (const host of ['other.test', 'example.com']) t.equal(table.hasHost(host), false, host);
  t.equal(routeTable([virtualHost(['*'])]).hasHost('shop.test'), false);
});

t.test('exact names come first, then the longest suffix, the longest prefix, and *', async (t) => {
  const find = finder(domains);
  t.equal(find('shop.example.com'), 'Shop.example.com');
  t.equal(find('SHOP.EXAMPLE.COM'), 'Shop.example.com');
  t.equal(find('cart.example.com'), '*.example.com');
  t.equal(find('a.b.example.com'), '*.example.com');
  t.equal(find('cart-eu.example.com'), '*-eu.example.com');
  t.equal(find('shop.test'), 'shop.*');
  t.equal(find('shoes.test'), 'sho*');
  t.equal(find('other.test'), '*');
  t.equal(find('example.com'), '*', 'the star stands for at least one character');
  t.equal(find('.example.com'), '*');
});

t.test('without * an unknown name has no virtual host', async (t) => {
  const find = finder(['a.test']);
  t.equal(find('b.test'), null);
  t.equal(find(''), null);
});

t.test('an empty authority is for a table of * alone', async (t) => {
  t.equal(finder(['*'])(''), '*');
  t.equal(finder(['*', 'a.test'])(''), null);
});

t.test('requests in turn and in rows find the same', async (t) => {
  const find = finder(['*', 'a.test']);
  const asked = ['a.test', 'a.test', '', '', 'b.test', 'b.test', 'a.test', 'A.test', 'A.test', ''];
  const found = ['a.test', 'a.test', null, null, '*', '*', 'a.test', 'a.test', 'a.test', null];
  t.same(asked.map(find), found);
});

t.test('a port is part of the name unless it is ignored', async (t) => {
  const strict = finder(['a.test', 'a.test:8080']);
  t.equal(strict('a.test:8080'), 'a.test:8080');
  t.equal(strict('a.test:80'), null);
  const lenient = finder(['a.test', '[::1]'], true);
  t.equal(lenient('a.test:9999'), 'a.test');
  t.equal(lenient('A.test:abc'), 'a.test', 'also one that is no number');
  t.equal(lenient('a.test:'), 'a.test');
  t.equal(lenient('[::1]'), '[::1]', 'colons of an address are no port');
  t.equal(lenient('[::1]:80'), '[::1]');
});

t.test('a domain belongs to the first virtual host that has it', async (t) => {
  const table = routeTable([
    { ...virtualHost(['a.test', 'b.test']), name: 'first' },
    { ...virtualHost(['B.test', 'c.test']), name: 'second' },
  ]);
  t.equal(table.findVirtualHost('b.test')?.virtualHost.name, 'first');
  t.equal(table.findVirtualHost('c.test')?.virtualHost.name, 'second');
});

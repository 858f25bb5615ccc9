import t from 'tap';
import { AddressSet, parseAddressRange } from '../../src/base/address-set.ts';

t.test('ranges of both families, and single addresses', async (t) => {
  const set = new AddressSet(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1']);
  for (const address of ['10.0.0.0', '10.255.255.255', '192.168.1.7', 'fd12::3', '::1']) {
    t.ok(set.has(address), address);
  }
  for (const address of ['9.255.255.255', '11.0.0.0', '192.168.1.8', 'fe80::1', '::2', '']) {
    t.notOk(set.has(address), address);
  }
});

t.test('a range of no bits holds its whole family', async (t) => {
  const set = new AddressSet(['0.0.0.0/0']);
  t.ok(set.has('203.0.113.9'));
  t.notOk(set.has('2001:db8::1'));
});

t.test('the bits behind the prefix do not count', async (t) => {
  t.ok(new AddressSet(['10.1.2.3/8']).has('10.9.9.9'));
});

t.test('what is no range is told', async (t) => {
  for (const text of ['10.0.0.0/8', '10.0.0.1', 'fd00::/8', '::/0', '10.0.0.0/32']) {
    t.same(parseAddressRange(text), { ok: true, value: text });
  }
  for (const text of ['', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0/8', '::/129', 'a']) {
    t.notOk(parseAddressRange(text).ok, text);
  }
  t.notOk(new AddressSet(['nothing']).has('10.0.0.1'));
});

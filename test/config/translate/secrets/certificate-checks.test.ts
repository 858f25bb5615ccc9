import t from 'tap';
import {
  authorityMistakes,
  keyPairMistakes,
} from '../../../../src/config/translate/secrets/certificate-checks.ts';
import { pem } from '../../../support/tls-fixtures.ts';

const day = 86_400_000;
/** The fixtures are valid from 2020 to 2120. */
const [from, to] = [Date.UTC(2020, 0, 1), Date.UTC(2120, 0, 1)];

const pair = {
  certificateKey: 'tls.crt',
  certificate: pem('server-a'),
  privateKeyKey: 'tls.key',
  privateKey: pem('server-a.key'),
};
const authorities = {
  trustedCaKey: 'ca.crt',
  trustedCa: pem('authority'),
  revocationListKey: 'ca.crl',
  revocationList: null,
};

t.test('a good pair has nothing wrong', async (t) => {
  t.strictSame(keyPairMistakes(pair, Date.UTC(2026, 0, 1)), []);
  t.strictSame(keyPairMistakes(pair, null), []);
  const withChain = { ...pair, certificate: pair.certificate + pem('authority') };
  t.strictSame(keyPairMistakes(withChain, null), []);
  const rsa = { ...pair, certificate: pem('server-rsa'), privateKey: pem('server-rsa.key') };
  t.strictSame(keyPairMistakes(rsa, null), []);
});

t.test('the leaf must stand first', async (t) => {
  const turned = { ...pair, certificate: pem('authority') + pair.certificate };
  t.match(keyPairMistakes(turned, null), [{ key: 'tls.key', isFatal: true }]);
});

t.test('a certificate that is out of its time is told, and used', async (t) => {
  t.match(keyPairMistakes(pair, to + day), [
    { key: 'tls.crt', message: /CN=server a in "tls.crt" expired on 2120-01-01/, isFatal: false },
  ]);
  t.match(keyPairMistakes(pair, from - day), [
    { message: /is not valid before 2020-01-01/, isFatal: false },
  ]);
  t.match(authorityMistakes(authorities, to + day), [{ key: 'ca.crt', isFatal: false }]);
});

t.test('authorities and revoked certificates', async (t) => {
  t.strictSame(authorityMistakes(authorities, null), []);
  const several = { ...authorities, trustedCa: pem('authority') + pem('other-authority') };
  t.strictSame(authorityMistakes(several, null), []);
  const revoked = { ...authorities, revocationList: pem('revoked.crl') };
  t.strictSame(authorityMistakes(revoked, null), []);
  const wrong = { ...authorities, revocationList: pem('authority') };
  t.match(authorityMistakes(wrong, null), [{ key: 'ca.crl', isFatal: true }]);
  const key = { ...authorities, trustedCa: pem('server-a.key') };
  t.match(authorityMistakes(key, null), [{ key: 'ca.crt', isFatal: true }]);
  const cut = { ...authorities, trustedCa: pem('authority').replace(/[A-Za-z0-9+/]{20}\n/, '\n') };
  t.match(authorityMistakes(cut, null), [{ key: 'ca.crt', isFatal: true }]);
});

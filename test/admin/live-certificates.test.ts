import t from 'tap';
import { certificatesInUse } from '../../src/admin/live-certificates.ts';
import { TlsContexts } from '../../src/transport/tls-contexts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { clusterOf } from '../support/mesh-models.ts';
import {
  authoritySecret,
  endpointTls,
  pairSecret,
  pem,
  secretsOf,
  simpleTls,
} from '../support/tls-fixtures.ts';
import { tlsChain, tlsMesh } from '../support/tls-proxy.ts';

const validation = {
  trustedCa: 'file:///etc/ca%2C1.pem',
  subjectAltNames: [],
  spkiHashes: [],
  certificateHashes: [],
};

t.test('what listeners and clusters present and trust is named once for each set', async (t) => {
  const contexts = new TlsContexts(new ManualClock());
  contexts.addSecrets(
    secretsOf(
      pairSecret('server-a', 'kubernetes://web/a'),
      pairSecret('server-b', 'file:///etc/b.pem,/etc/b.key'),
      authoritySecret('authority', validation.trustedCa),
    ),
  );
  const downstream = simpleTls({ certificates: ['kubernetes://web/a'] });
  const upstream = endpointTls({ certificate: 'file:///etc/b.pem,/etc/b.key', validation });
  const mesh = tlsMesh([tlsChain(downstream), tlsChain({ ...downstream, alpn: [] })], {
    clusters: [
      clusterOf('origin', [1], { tls: upstream }),
      clusterOf('bare', [1], { tls: endpointTls({ validation: null }) }),
      clusterOf('missing', [1], { tls: endpointTls({ certificate: 'kubernetes://web/gone' }) }),
    ],
  });
  const uses = certificatesInUse(mesh, contexts);
  t.same(uses, [
    { authorities: [], chain: [{ name: 'kubernetes://web/a', pem: pem('server-a') }] },
    {
      authorities: [{ name: '/etc/ca,1.pem', pem: pem('authority') }],
      chain: [{ name: '/etc/b.pem', pem: pem('server-b') }],
    },
  ]);
  t.notMatch(JSON.stringify(uses), /PRIVATE/);
});

t.test('of the local authority it is what has been made', async (t) => {
  const contexts = new TlsContexts(new ManualClock());
  contexts.localCertificates = {
    leafFor: () => null,
    known: () => ({
      authority: pem('authority'),
      leaves: [{ host: 'a.localhost', certificate: pem('server-a') }],
    }),
  };
  t.same(certificatesInUse(tlsMesh([]), contexts), [
    {
      authorities: [{ name: 'local authority', pem: pem('authority') }],
      chain: [{ name: 'a.localhost', pem: pem('server-a') }],
    },
  ]);
});

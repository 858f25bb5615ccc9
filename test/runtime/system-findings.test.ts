import t from 'tap';
import { secretRefused, tlsFindings } from '../../src/runtime/system-findings.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { pairSecret, secretsOf, simpleTls } from '../support/tls-fixtures.ts';
import { tlsChain, tlsMesh } from '../support/tls-proxy.ts';

const origin = { kind: 'Gateway', namespace: 'edge', name: 'web', file: 'edge.yaml', line: 7 };

t.test('what OpenSSL refuses is told with the place of the server', async (t) => {
  const bad = simpleTls({ cipherSuites: ['NO-SUCH-CIPHER'] });
  const chains = [
    tlsChain(bad, { name: 'bad', origin }),
    tlsChain(simpleTls({ certificates: ['missing'] }), { name: 'missing' }),
    tlsChain(simpleTls(), { name: 'good' }),
  ];
  const mesh = tlsMesh(chains);
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-a')));
  t.match(tlsFindings(proxy.runtime.listeners.active), [
    {
      code: 'SLC0306',
      severity: 'error',
      message: 'TLS cannot be set up: OpenSSL says ERR_SSL_NO_CIPHER_MATCH',
      file: 'edge.yaml',
      line: 7,
      resource: 'Gateway edge/web',
    },
  ]);
});

t.test('a secret in files names its place while something names the files', (t) => {
  const told = secretRefused('a.crt: ENOENT', { origin, keeps: true, hasSubstitute: false });
  t.match(told, { code: 'SLC0305', resource: 'Gateway edge/web', hint: /last good version/ });
  const nowhere = { origin: null, keeps: false };
  const gone = secretRefused('a.crt: ENOENT', { ...nowhere, hasSubstitute: false });
  t.match(gone, { severity: 'error', file: '', resource: '', hint: /refused/ });
  const signed = secretRefused('a.crt: ENOENT', { ...nowhere, hasSubstitute: true });
  t.match(signed, { severity: 'info', hint: /local authority signs/ });
  t.end();
});

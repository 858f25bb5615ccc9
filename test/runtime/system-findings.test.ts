import t from 'tap';
import {
  accessLogField,
  accessLogRefused,
  secretRefused,
  tlsFindings,
} from '../../src/runtime/system-findings.ts';
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

t.test('the file of an access log has the place that names it', (t) => {
  const place = { file: 'a.yaml', line: 3, column: 9, path: 'spec.accessLog.path' };
  const field = { ...place, value: 'none/a.log', resource: 'Bootstrap a' };
  const problem = "access log none/a.log: ENOENT: no such file or directory, open 'none/a.log'";
  t.equal(accessLogField(problem, [field]), field);
  t.equal(accessLogField('access log b.log: EACCES', [field]), null);
  const told = accessLogRefused(problem, field);
  t.match(told, { ...place, code: 'SLC0304', severity: 'error', resource: 'Bootstrap a' });
  t.match(accessLogRefused(problem, null), { file: '', line: 0 });
  t.end();
});

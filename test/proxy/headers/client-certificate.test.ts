import { createHash, X509Certificate } from 'node:crypto';
import t from 'tap';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { ForwardClientCert } from '../../../src/model/http-settings.ts';
import type { Direction } from '../../../src/model/listener.ts';
import {
  forwardClientCertificate,
  forwardedElement,
  keepsClientCertificate,
} from '../../../src/proxy/headers/client-certificate.ts';
import type { CertificateInfo, TlsInfo } from '../../../src/telemetry/tls-info.ts';
import { CertificateFacts } from '../../../src/transport/tls-certificate-facts.ts';
import { headerValues } from '../../support/http-reader.ts';
import { clusterOf, httpSettings } from '../../support/mesh-models.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok, scriptedOrigin } from '../../support/scripted-origin.ts';
import {
  authoritySecret,
  mutualTls,
  pairSecret,
  pem,
  secretsOf,
} from '../../support/tls-fixtures.ts';
import { askByTls, tlsChain, tlsClient, tlsMesh } from '../../support/tls-proxy.ts';

const field = 'x-forwarded-client-cert';

function facts(name: string): CertificateFacts {
  return new CertificateFacts(new X509Certificate(pem(name)));
}

function elementOf(peer: string, local: string, direction: Direction): string {
  return forwardedElement(facts(peer), facts(local), direction);
}

function sha256(name: string): string {
  return createHash('sha256')
    .update(new X509Certificate(pem(name)).raw)
    .digest('hex');
}

/** As Envoy encodes it: these characters and no others. */
function urlPem(name: string): string {
  return pem(name)
    .replaceAll('\n', '%0A')
    .replaceAll(' ', '%20')
    .replaceAll('+', '%2B')
    .replaceAll('/', '%2F')
    .replaceAll('=', '%3D');
}

t.test('what is told of a certificate', (t) => {
  const hash = sha256('client-good');
  const names =
    'Subject="CN=good client,O=sluice test";URI=spiffe://cluster.local/ns/default/sa/good;' +
    'DNS=client.example.com;DNS=alt.example.com';
  t.equal(
    elementOf('client-good', 'server-a', 'gateway'),
    `Hash=${hash};Cert="${urlPem('client-good')}";${names}`,
    'by a gateway',
  );
  t.equal(
    elementOf('client-good', 'server-mesh', 'inbound'),
    `By=spiffe://cluster.local/ns/default/sa/server;Hash=${hash};${names}`,
    'by a workload',
  );
  t.equal(
    elementOf('client-nameless', 'server-a', 'inbound'),
    `Hash=${sha256('client-nameless')};Subject="CN=Zo\\C3\\AB\\, caller";URI=`,
    'without names',
  );
  t.equal(
    elementOf('client-forger', 'client-forger', 'inbound'),
    `Hash=${sha256('client-forger')};Subject="CN=forger\\"\\;URI=spiffe://admin";URI=;` +
      'DNS=odd.example.com',
    'none of the names that would be taken for something else',
  );
  const odd: CertificateInfo = {
    ...{ sha256: 'ab', sha1: '', urlEncodedPem: '', subject: 'CN=a\r\nx: y', issuer: '' },
    ...{ uris: ['spiffe://a'], dnsNames: [], emails: [], ipAddresses: [], serial: '' },
    ...{ validFrom: new Date(0), validTo: new Date(0) },
  };
  t.equal(forwardedElement(odd, null, 'inbound'), 'Hash=ab', 'what cannot stand in a head');
  t.end();
});

const element = 'Hash=ab;Subject="CN=x";URI=';
const certified = {
  version: 'TLSv1.3',
  cipher: '',
  peer: facts('client-good'),
  local: null,
  forwardedCertificate: element,
} satisfies TlsInfo;
const anonymous: TlsInfo = { ...certified, peer: null, forwardedCertificate: null };

t.test('what becomes of the field', (t) => {
  const rows: readonly [ForwardClientCert, TlsInfo | null, string, string | undefined][] = [
    ['SANITIZE', null, 'spoof', undefined],
    ['SANITIZE', certified, 'spoof', undefined],
    ['SANITIZE', certified, '', undefined],
    ['SANITIZE_SET', null, 'spoof', undefined],
    ['SANITIZE_SET', anonymous, 'spoof', undefined],
    ['SANITIZE_SET', certified, 'spoof', element],
    ['SANITIZE_SET', certified, '', element],
    ['APPEND_FORWARD', null, 'spoof', undefined],
    ['APPEND_FORWARD', anonymous, 'spoof', undefined],
    ['APPEND_FORWARD', certified, 'first', `first,${element}`],
    ['APPEND_FORWARD', certified, '', element],
    ['FORWARD_ONLY', null, 'spoof', undefined],
    ['FORWARD_ONLY', anonymous, 'spoof', undefined],
    ['FORWARD_ONLY', certified, 'first', 'first'],
    ['FORWARD_ONLY', certified, '', undefined],
    ['ALWAYS_FORWARD_ONLY', null, 'first', 'first'],
    ['ALWAYS_FORWARD_ONLY', anonymous, 'first', 'first'],
    ['ALWAYS_FORWARD_ONLY', certified, 'first', 'first'],
  ];
  for (const [mode, tls, received, sent] of rows) {
    const headers = new HeaderList();
    if (received !== '' && keepsClientCertificate(mode, tls)) headers.append(field, received);
    if (tls !== null) forwardClientCertificate(headers, mode, tls);
    const who = tls === null ? 'plain text' : tls.peer === null ? 'no certificate' : 'certificate';
    t.equal(headers.get(field), sent, `${mode}, ${who}, "${received}"`);
  }
  t.end();
});

t.test('the upstream is told of the client, who cannot say it of itself', async (t) => {
  const origin = await scriptedOrigin(() => ok('hello'));
  t.teardown(() => origin.stop());
  const mesh = tlsMesh([tlsChain(mutualTls(), { http: httpSettings() })], {
    routes: [route('all', {}, forwardTo('origin'))],
    clusters: [clusterOf('origin', [origin.port])],
  });
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-a'), authoritySecret()));
  const socket = tlsClient(t, proxy.port, {
    cert: pem('client-good'),
    key: pem('client-good.key'),
  });
  const spoof = `${field}: spoof\r\n${field}: again\r\n`;
  socket.write(`GET / HTTP/1.1\r\nhost: a\r\n${spoof}\r\n`);
  await proxy.ending();
  const lines = origin.requests[0]?.headers ?? [];
  t.same(headerValues(lines, field), [elementOf('client-good', 'server-a', 'gateway')]);
  t.same(headerValues(lines, 'x-forwarded-proto'), ['https']);
});

t.test('a certificate cannot put lines into the head of a request', async (t) => {
  const origin = await scriptedOrigin(() => ok('hello'));
  t.teardown(() => origin.stop());
  const tls = mutualTls({ clientCertificate: 'optional', validation: null });
  const mesh = tlsMesh([tlsChain(tls)], {
    routes: [route('all', {}, forwardTo('origin'))],
    clusters: [clusterOf('origin', [origin.port])],
  });
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-a')));
  const { answer } = await askByTls(t, proxy.port, {
    cert: pem('client-forger'),
    key: pem('client-forger.key'),
  });
  t.equal(answer, 'hello');
  const lines = origin.requests[0]?.headers ?? [];
  t.same(headerValues(lines, field), [elementOf('client-forger', 'server-a', 'gateway')]);
  t.same(headerValues(lines, 'x-admin'), []);
  t.same(headerValues(lines, 'injected'), []);
});

import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { compileFormat } from '../../../src/telemetry/format/format.ts';
import { tlsOperators } from '../../../src/telemetry/format/tls-operators.ts';
import type { TlsInfo } from '../../../src/telemetry/tls-info.ts';
import { CertificateFacts } from '../../../src/transport/tls-certificate-facts.ts';
import { pem } from '../../support/tls-fixtures.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

function facts(name: string): CertificateFacts {
  return new CertificateFacts(new X509Certificate(pem(name)));
}

const tls: TlsInfo = {
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  peer: facts('client-good'),
  local: facts('server-mesh'),
  forwardedCertificate: null,
};

function render(operator: string, info: TlsInfo | null): string {
  const compiled = compileFormat(`%${operator}%`, 'access-log');
  if (!compiled.ok) throw new Error(compiled.error.message);
  const stream = testStreamInfo();
  stream.tls = info;
  return compiled.value.format(stream);
}

/** As Envoy 1.40 prints them for these certificates. */
const rows = {
  DOWNSTREAM_TLS_VERSION: 'TLSv1.3',
  DOWNSTREAM_TLS_CIPHER: 'TLS_AES_128_GCM_SHA256',
  DOWNSTREAM_PEER_SUBJECT: 'CN=good client,O=sluice test',
  DOWNSTREAM_PEER_ISSUER: 'CN=authority,O=sluice test',
  DOWNSTREAM_PEER_SERIAL: '1008',
  DOWNSTREAM_PEER_URI_SAN: 'spiffe://cluster.local/ns/default/sa/good',
  DOWNSTREAM_PEER_DNS_SAN: 'client.example.com,alt.example.com',
  DOWNSTREAM_PEER_EMAIL_SAN: '-',
  DOWNSTREAM_PEER_CERT_V_START: '2020-01-01T00:00:00.000Z',
  DOWNSTREAM_PEER_CERT_V_END: '2120-01-01T00:00:00.000Z',
  DOWNSTREAM_PEER_FINGERPRINT_1: '26c0df5059aa59d597b3efc8b986d277d585218b',
  DOWNSTREAM_PEER_FINGERPRINT_256:
    '7634aa60a16d835a4cd3913b0306ee8d302fc86cf6f9d7dd10b16fb72ae6688f',
  DOWNSTREAM_LOCAL_SUBJECT: 'CN=server mesh',
  DOWNSTREAM_LOCAL_URI_SAN: 'spiffe://cluster.local/ns/default/sa/server',
  DOWNSTREAM_LOCAL_DNS_SAN: '-',
  DOWNSTREAM_LOCAL_EMAIL_SAN: '-',
};

t.test('what a log tells of the TLS of a client', (t) => {
  for (const [name, expected] of Object.entries(rows)) t.equal(render(name, tls), expected, name);
  const start = '-----BEGIN%20CERTIFICATE-----%0AMII';
  t.ok(render('DOWNSTREAM_PEER_CERT', tls).startsWith(start));
  t.end();
});

t.test('without a certificate, and in plain text, it is unset', (t) => {
  const anonymous: TlsInfo = { ...tls, peer: null };
  for (const name of Object.keys(tlsOperators)) {
    t.equal(render(name, null), '-', name);
    if (name.includes('PEER')) t.equal(render(name, anonymous), '-', name);
  }
  t.end();
});

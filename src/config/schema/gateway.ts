/** Gateway: ports on which traffic from outside is accepted, and for which hosts. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { certificateFile, flag, text, textList, textMap } from './fields.ts';
import { Port } from './shared.ts';

const optional = Type.Optional;

const tlsVersion = (description: string, fallback: string) =>
  Type.Enum(['TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'], {
    description,
    default: fallback,
  });

export type ServerTlsSettings = Static<typeof ServerTlsSettings> & {
  /**
   * `credentialName` and `credentialNames` may be Secrets of other namespaces than the proxy's: that
   * was looked into when they were made. No file can write it: the decoder knows nothing of it.
   */
  readonly isGranted?: boolean;
};
export const ServerTlsSettings = Type.Object(
  {
    httpsRedirect: optional(
      flag('Answer plain HTTP requests with a redirect (301) to https.', { default: false }),
    ),
    mode: optional(
      Type.Enum(
        ['PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL'],
        {
          description: 'Whether TLS ends here, and whether the client must show a certificate.',
          default: 'PASSTHROUGH',
        },
      ),
    ),
    serverCertificate: optional(certificateFile('the certificate chain')),
    privateKey: optional(certificateFile('the private key')),
    caCertificates: optional(certificateFile('the authorities for client certificates')),
    caCrl: optional(certificateFile('revoked certificates')),
    credentialName: optional(text('Secret with key and certificate, in place of files.')),
    credentialNames: optional(textList('One or two secrets, for two kinds of keys.')),
    tlsCertificates: optional(
      Type.Array(
        Type.Object(
          {
            serverCertificate: optional(certificateFile('the certificate chain')),
            privateKey: optional(certificateFile('the private key')),
            caCertificates: optional(certificateFile('the authorities for client certificates')),
          },
          { description: 'One key and certificate.' },
        ),
        { description: 'One or two pairs of files, for two kinds of keys.' },
      ),
    ),
    caCertCredentialName: optional(text('Secret with the authorities for client certificates.')),
    subjectAltNames: optional(textList('Names of which a client certificate must have one.')),
    verifyCertificateSpki: optional(textList('SHA-256 hashes of accepted public keys, base64.')),
    verifyCertificateHash: optional(textList('SHA-256 hashes of accepted certificates, hex.')),
    minProtocolVersion: optional(tlsVersion('Least TLS version.', 'TLSV1_2')),
    maxProtocolVersion: optional(tlsVersion('Greatest TLS version.', 'TLSV1_3')),
    cipherSuites: optional(textList('Cipher suites, in OpenSSL names.')),
    ecdhCurves: optional(
      textList('Curves of the key exchange.', { ineffective: 'they are X25519 and P-256' }),
    ),
    insecureSkipVerify: optional(flag('Do not check client certificates.', { default: false })),
  },
  { description: 'TLS towards clients.' },
);

export type GatewayServer = Static<typeof GatewayServer>;
export const GatewayServer = Type.Object(
  {
    port: optional(Port),
    bind: optional(text('Address to listen on.', { default: 'the --gateway-bind address' })),
    hosts: optional(
      textList(
        'Hosts served, as `host` or `namespace/host`; the namespace (`.` own, `*` any) limits ' +
          'which VirtualServices count.',
      ),
    ),
    tls: optional(ServerTlsSettings),
    defaultEndpoint: optional(
      text('Has no effect.', { ineffective: 'Istio does not read it for gateways' }),
    ),
    name: optional(text('Name of the server, unique within the gateway.')),
  },
  { description: 'One port and the hosts served on it.' },
);

export type GatewaySpec = Static<typeof GatewaySpec>;
export const GatewaySpec = Type.Object(
  {
    servers: optional(Type.Array(GatewayServer, { description: 'Ports with their hosts.' })),
    selector: optional(
      textMap('Labels of the proxies that serve this gateway; none: all proxies.'),
    ),
  },
  { description: 'Ports on which traffic from outside is accepted.' },
);

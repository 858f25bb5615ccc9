/** `sluice proxy-config secrets`: a line for each certificate that the proxy has, from /certs. */

import { systemClock } from '../../base/clock.ts';
import { ok } from '../../base/result.ts';
import { configKind } from './proxy-config-kind.ts';

/** What of an answer of /certs is read here: Envoy's admin.v3.Certificates. */
interface CertificateList {
  readonly certificates: readonly {
    readonly ca_cert?: readonly CertificateDetails[];
    readonly cert_chain?: readonly CertificateDetails[];
  }[];
}

interface CertificateDetails {
  readonly path?: string;
  readonly serial_number?: string;
  readonly valid_from?: string;
  readonly expiration_time?: string;
}

interface Certificate extends CertificateDetails {
  readonly type: 'CA' | 'Cert Chain';
}

export const certificateKind = configKind<Certificate, Certificate>({
  name: 'secrets',
  aliases: ['secret', 's'],
  filters: [],
  columns: [
    { title: 'RESOURCE NAME', cell: ({ path }) => path ?? '-' },
    { title: 'TYPE', cell: ({ type }) => type },
    { title: 'VALID CERT', cell: (certificate) => String(isValid(certificate)) },
    { title: 'SERIAL NUMBER', cell: ({ serial_number }) => serial_number ?? '-' },
    { title: 'NOT AFTER', cell: ({ expiration_time }) => expiration_time ?? '-' },
    { title: 'NOT BEFORE', cell: ({ valid_from }) => valid_from ?? '-' },
  ],
  wideColumns: null,
  read: async (admin) => {
    const page = await admin.page('/certs');
    if (!page.ok) return page;
    const { certificates } = JSON.parse(page.value) as CertificateList;
    return ok(
      certificates.flatMap(({ cert_chain = [], ca_cert = [] }) => [
        ...cert_chain.map((details): Certificate => ({ type: 'Cert Chain', ...details })),
        ...ca_cert.map((details): Certificate => ({ type: 'CA', ...details })),
      ]),
    );
  },
  matches: () => true,
  rows: (certificate) => [certificate],
});

function isValid({ valid_from = '', expiration_time = '' }: Certificate): boolean {
  const now = systemClock.wall();
  return Date.parse(valid_from) <= now && now <= Date.parse(expiration_time);
}

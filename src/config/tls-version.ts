/** Istio's names for versions of TLS. */

import type { TlsVersion } from '../model/tls.ts';

export type TlsProtocol = 'TLS_AUTO' | 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3';

const versions: Readonly<Record<TlsProtocol, TlsVersion | null>> = {
  TLS_AUTO: null,
  TLSV1_0: 'TLSv1',
  TLSV1_1: 'TLSv1.1',
  TLSV1_2: 'TLSv1.2',
  TLSV1_3: 'TLSv1.3',
};

/** null where none is asked for. */
export function tlsVersion(protocol: TlsProtocol | undefined): TlsVersion | null {
  return versions[protocol ?? 'TLS_AUTO'];
}

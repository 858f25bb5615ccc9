/** mirror-target: who gets a copy of each request. */

import type { AnnotationReader } from './annotation-reader.ts';

export interface MirrorTarget {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** The copy has the path of the request: `https://host/$request_uri`, in any spelling of that. */
export function readMirrorTarget(reader: AnnotationReader): MirrorTarget | null {
  const text = reader.text('mirror-target');
  if (text === null) return null;
  const form = /^(https?):\/\/([\w.-]+)(?::(\d{1,5}))?(?:\/?\$request_uri|\/)?$/i;
  const [, scheme, host, written] = form.exec(text) ?? [];
  const isTls = scheme?.toLowerCase() === 'https';
  const port = Number(written ?? (isTls ? 443 : 80));
  if (host === undefined || port < 1 || port > 65_535) {
    reader.refuse(
      'mirror-target',
      'it is a host, with a port from 1 to 65535: https://test.example.com:8443$request_uri',
    );
    return null;
  }
  return { host: host.toLowerCase(), port, isTls };
}

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
  const [, scheme, host, port] = form.exec(text) ?? [];
  if (scheme === undefined || host === undefined) {
    reader.refuse('mirror-target', 'it is a host, such as https://test.example.com$request_uri');
    return null;
  }
  const isTls = scheme.toLowerCase() === 'https';
  return { host: host.toLowerCase(), port: Number(port ?? (isTls ? 443 : 80)), isTls };
}

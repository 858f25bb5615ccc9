/** An answer that sends every request to one URL, as a redirect of HTTPRoute. */

import type { HttpRoute } from '../config/schema/virtual-service.ts';
import type { LossText } from './conversion-losses.ts';

const statuses: readonly number[] = [301, 302, 303, 307, 308];

/** null for other rules, and where parts of the request are in the URL. */
export function fixedRedirect(rule: HttpRoute): HttpRoute | null {
  const { directResponse, headers, ...rest } = rule;
  const location = headers?.response?.set?.['location'] ?? '';
  const redirectCode = directResponse?.status ?? 0;
  if (!statuses.includes(redirectCode) || location.includes('%')) return null;
  const found = /^(https?):\/\/([^/:?#]+)(?::(\d+))?(\/[^?#]*)?$/i.exec(location);
  if (found === null) return null;
  const [, scheme = '', authority = '', port, uri = '/'] = found;
  const place = port === undefined ? {} : { port: Number(port) };
  return {
    ...rest,
    redirect: { scheme: scheme.toLowerCase(), authority, ...place, uri, redirectCode },
  };
}

/** What is otherwise then. */
export const queryIsKept: LossText = {
  what: 'that the query of a request is not in the location that it is sent to',
  fields: ['action', 'response headers'],
};

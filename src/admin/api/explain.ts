/** /api/v1/explain: where a request would go, by the configuration that serves now. */

import { err, ok, type Result } from '../../base/result.ts';
import { wireFromUnicode } from '../../base/wire-text.ts';
import { HeaderList } from '../../http1/header-list.ts';
import { knownMethod } from '../../http1/method.ts';
import { type AdminEndpoint, type AdminResponse, parameter } from '../admin-endpoint.ts';
import { answer, refuse } from './answers.ts';
import { type AskedRequest, explainRequest } from './explain-request.ts';

export const explain: AdminEndpoint = {
  path: '/api/v1/explain',
  mutation: false,
  help: 'explain where a request would go, and why not elsewhere, as JSON',
  parameters: [
    parameter('method', 'default GET'),
    parameter('url', 'such as http://bookinfo.example/productpage'),
    parameter('header', 'name:value, as often as there are headers'),
    parameter('listener', 'name of the listener; default the one that the URL fits best'),
  ],
  handle: ({ query }, state) => {
    const asked = readRequest(query);
    if (!asked.ok) return asked.error;
    const explained = explainRequest(state, asked.value);
    return explained.ok ? answer(explained.value) : refuse(explained.error);
  },
};

const urlForm = /^(https?):\/\/([^/?#]+)([^#]*)/i;

function readRequest(query: URLSearchParams): Result<AskedRequest, AdminResponse> {
  const url = query.get('url') ?? '';
  // Not taken apart by URL, which would normalise the path in its own way.
  const [, scheme = '', authority = '', target = ''] = urlForm.exec(url) ?? [];
  if (scheme === '') {
    return err(
      refuse(`url is one of http or https with its host, such as http://host/, not "${url}"`),
    );
  }
  const method = query.get('method') ?? 'GET';
  if (knownMethod(method) === undefined) return err(refuse(`"${method}" is no method of HTTP`));
  const headers = new HeaderList();
  for (const line of query.getAll('header')) {
    const colon = line.indexOf(':');
    if (colon < 1) return err(refuse(`header is name:value, not "${line}"`));
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.append(name, wireFromUnicode(line.slice(colon + 1).trim()));
  }
  return ok({
    method,
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    authority: headers.get('host') ?? authority,
    target: wireFromUnicode(target.startsWith('/') ? target : `/${target}`),
    headers,
    listener: query.get('listener'),
  });
}

/** /api/v1/openapi.json: the description of /api/v1 for programs. */

import type { AdminEndpoint } from '../admin-endpoint.ts';
import { answer } from './answers.ts';

/** `all` are the endpoints of the admin API, this one among them. */
export function createOpenApi(all: () => readonly AdminEndpoint[]): AdminEndpoint {
  return {
    path: '/api/v1/openapi.json',
    mutation: false,
    help: 'print the OpenAPI document of /api/v1',
    parameters: [],
    handle: async () => {
      // Schemas take time and memory that no proxy needs to serve.
      const { openApiDocument } = await import('./openapi-document.ts');
      return answer(openApiDocument(all()));
    },
  };
}

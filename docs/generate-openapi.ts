/**
 * Writes the OpenAPI document of the admin API, docs/openapi.json, from its schemas. Run it after a
 * change of the API: `node docs/generate-openapi.ts`. A test compares the file with what it makes.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAdminEndpoints } from '../src/admin/admin-endpoints.ts';
import { openApiDocument } from '../src/admin/api/openapi-document.ts';

export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(createAdminEndpoints()), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'openapi.json'), openApiText());

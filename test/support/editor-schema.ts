/** What an editor says to a document that names config/schema/all.json as its schema. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';

const folder = join(import.meta.dirname, '../../config/schema');

/** Reads the published files; mistakes of a document, one text each. */
export function editorSchema(): (document: unknown) => string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')), file);
  }
  const validate = ajv.getSchema('all.json');
  if (validate === undefined) throw new Error('there is no all.json');
  return (document) => {
    validate(document);
    // "must match then" only says that a schema within refuses the document.
    return (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(describe);
  };
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty } = params as { additionalProperty?: string };
  const path = additionalProperty === undefined ? '' : `/${additionalProperty}`;
  return `${instancePath}${path} ${message}`;
}

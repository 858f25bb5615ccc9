/** The response that an HTTP rule gives itself. */

import type { Path, Problems } from '../problem.ts';
import type { HttpDirectResponse } from '../schema/virtual-service.ts';
import { checkResponseStatus } from './values.ts';

const maxBodyBytes = 1024 * 1024;

export function checkDirectResponse(
  response: HttpDirectResponse,
  path: Path,
  problems: Problems,
): void {
  checkResponseStatus(response.status, [...path, 'status'], problems);
  const { string: text = '', bytes = '' } = response.body ?? {};
  const size = text === '' ? Buffer.byteLength(bytes, 'base64') : Buffer.byteLength(text);
  if (size > maxBodyBytes) problems.invalid([...path, 'body'], 'the body is larger than 1 MiB');
}

/** Header blocks in short. */

import { HeaderList } from '../../src/http1/header-list.ts';

/** `{ 'x-a': '1' }` as a block; names in lower case. */
export function headerList(fields: Readonly<Record<string, string>> = {}): HeaderList {
  const headers = new HeaderList();
  for (const [name, value] of Object.entries(fields)) headers.append(name, value);
  return headers;
}

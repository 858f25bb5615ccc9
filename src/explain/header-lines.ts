/** A header block as explanations tell it. */

import { unicodeFromWire } from '../base/wire-text.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { ExplainedHeader } from './explained-target.ts';

export function headerLines({ flat }: HeaderList): ExplainedHeader[] {
  const lines: ExplainedHeader[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    lines.push({ name: flat[i] as string, value: unicodeFromWire(flat[i + 1] as string) });
  }
  return lines;
}

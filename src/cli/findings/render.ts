/** The formats in which findings are printed. */

import type { Finding } from '../../config/finding.ts';
import { renderGithub } from './render-github.ts';
import { renderJson } from './render-json.ts';
import { renderSarif } from './render-sarif.ts';
import { type RenderOptions, renderFindings } from './render-text.ts';

export const formats = ['text', 'json', 'sarif', 'github'] as const;
export type Format = (typeof formats)[number];

export function render(
  format: Format,
  findings: readonly Finding[],
  options: RenderOptions,
): string {
  switch (format) {
    case 'text':
      return renderFindings(findings, options);
    case 'json':
      return renderJson(findings);
    case 'sarif':
      return renderSarif(findings);
    case 'github':
      return renderGithub(findings);
  }
}

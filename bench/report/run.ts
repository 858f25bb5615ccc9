/** Fills docs/performance.md and makes its charts: `npm run bench:report [-- RESULT]`. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteResult } from '../peers/result.ts';
import { renderCharts } from './charts.ts';
import { chartsFolder, fillPage } from './page.ts';

const root = join(import.meta.dirname, '../..');
const file = process.argv[2] ?? join(root, 'bench/results/peers.json');
const result = JSON.parse(readFileSync(file, 'utf8')) as SuiteResult;

const charts = join(root, 'docs', chartsFolder);
mkdirSync(charts, { recursive: true });
for (const chart of renderCharts(result)) writeFileSync(join(charts, chart.file), chart.svg);

const page = join(root, 'docs/performance.md');
writeFileSync(page, fillPage(readFileSync(page, 'utf8'), result));

/** The parts of docs/performance.md that come from a result; the rest is written by hand. */

import { busyShare, coreShare, type SuiteResult } from '../peers/result.ts';
import { renderBars, renderCases } from '../peers/tables.ts';
import { renderCharts } from './charts.ts';

/** Where the charts are, from the page. */
export const chartsFolder = 'performance';

/** Fills what is between `<!-- NAME -->` and `<!-- end of NAME -->`. */
export function fillPage(page: string, result: SuiteResult): string {
  const parts = {
    bars: renderBars(result),
    run: renderRun(result),
    charts: renderImages(result),
    tables: renderCases(result),
    proxies: renderPeers(result),
  };
  return Object.entries(parts).reduce((filled, [name, text]) => {
    const [start, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
    const from = filled.indexOf(start);
    const until = filled.indexOf(end);
    if (from < 0 || until < from) throw new Error(`the page has no place for its ${name}`);
    return `${filled.slice(0, from + start.length)}${text}\n${filled.slice(until)}`;
  }, page);
}

function renderRun(result: SuiteResult): string {
  const { machine, rounds, seconds, date, command } = result;
  const { cpu, cores, kernel, node, isPinned } = machine;
  const lines = [
    `\`${command}\` of ${date}: ${cpu}, ${cores} cores${isPinned ? '' : ' (not pinned)'},`,
    `Linux ${kernel}, Node ${node.slice(1)}; ${rounds} rounds, ${seconds} s for each load.`,
  ];
  const share = leastShare(result);
  if (share < busyShare) {
    const percent = Math.round(share * 100);
    lines.push(`**The machine was busy**: a proxy under full load had ${percent} % of its core.`);
  }
  return lines.join('\n');
}

/** What a proxy had of its core where all of them were under full load. */
function leastShare({ cases }: SuiteResult): number {
  const rows = cases.find(({ name }) => name === 'body-23')?.rows ?? [];
  const measured = rows.filter(({ samples }) => samples.length > 0);
  return Math.min(...measured.map(({ samples }) => coreShare(samples)));
}

function renderImages(result: SuiteResult): string {
  return renderCharts(result)
    .map(({ file, title }) => `![${title}](${chartsFolder}/${file})`)
    .join('\n\n');
}

function renderPeers({ peers }: SuiteResult): string {
  const lines = peers.map(({ name, version, note }) => {
    return `| ${name} | ${version ?? 'not installed'} | ${note} |`;
  });
  return ['| proxy | version | policy |', '|---|---|---|', ...lines].join('\n');
}

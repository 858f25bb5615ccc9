/** Charts of bars as SVG: text alone, in the colours that the reader's screen has. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What is written at its end. */
  readonly shown: string;
  /** Stands out. */
  readonly isOwn: boolean;
}

export interface BarGroup {
  /** Above its bars; empty where there is one group. */
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  /** Says what the bars are, with their unit. */
  readonly title: string;
  readonly groups: readonly BarGroup[];
}

const width = 720;
const labelWidth = 170;
/** Room for what is written at the end of the longest bar. */
const valueWidth = 70;
const titleHeight = 34;
const barHeight = 18;
const barStep = 24;
const groupTitleHeight = 26;

const style = `text { font: 13px system-ui, sans-serif; fill: #333 }
.title { font-weight: 600 }
.group { font-weight: 600; font-size: 12px; fill: #666 }
.bar { fill: #b8c0cc }
.own { fill: #2563eb }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd }
  .group { fill: #aaa }
  .bar { fill: #5b6472 }
  .own { fill: #60a5fa }
}`;

export function renderBarChart({ title, groups }: BarChart): string {
  const largest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (width - labelWidth - valueWidth) / largest;
  const lines = [text({ x: 0, y: 18, of: 'title' }, title)];
  let y = titleHeight;
  for (const group of groups) {
    if (group.title !== '') {
      lines.push(text({ x: 0, y: y + 14, of: 'group' }, group.title));
      y += groupTitleHeight;
    }
    for (const bar of group.bars) {
      lines.push(...renderBar(bar, y, bar.value * scale));
      y += barStep;
    }
  }
  const size = `width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"`;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`;
  const head = [`<title>${escaped(title)}</title>`, `<style>${style}</style>`];
  return `${[open, ...head, ...lines, '</svg>'].join('\n')}\n`;
}

function renderBar({ label, shown, isOwn }: Bar, y: number, length: number): readonly string[] {
  const baseline = y + barHeight - 5;
  const box = `x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}"`;
  const end = Math.round(labelWidth + length + 6);
  return [
    text({ x: 0, y: baseline, of: 'label' }, label),
    `<rect class="${isOwn ? 'own' : 'bar'}" ${box} rx="2"/>`,
    text({ x: end, y: baseline, of: 'value' }, shown),
  ];
}

function text({ x, y, of }: { x: number; y: number; of: string }, content: string): string {
  return `<text class="${of}" x="${x}" y="${y}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

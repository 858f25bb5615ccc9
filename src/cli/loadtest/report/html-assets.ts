/** Style and script of the HTML report of a load test; the script runs in a browser. */

export const style = `
body {
  font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1000px; padding: 0 1rem;
  color: #1c2733;
}
h1 { font-size: 1.5rem; margin-bottom: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.facts { color: #5b6b7b; margin-top: .25rem; }
table { border-collapse: collapse; width: 100%; }
th, td {
  text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #dfe5ea; vertical-align: top;
}
th { color: #5b6b7b; font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.pass { color: #1a7f4b; font-weight: 600; }
.fail { color: #c0262d; font-weight: 600; }
.uplot { margin-bottom: 1rem; }
/* Values of one second are there while the pointer is at one. */
.idle .u-legend tr:first-child, .idle .u-legend .u-value { display: none; }
.idle .u-legend .u-series th::after { content: ''; }
.note { background: #fff6d9; padding: .4rem .6rem; }
.ejections { display: grid; grid-template-columns: 10rem 1fr; gap: .3rem .6rem; }
.bar { position: relative; height: 14px; background: #eef2f5; }
.scale { display: flex; justify-content: space-between; color: #5b6b7b; }
.scale i { font-style: normal; }
.bar span { position: absolute; top: 0; bottom: 0; background: #c0262d; }
@media (prefers-color-scheme: dark) {
  body { background: #12181f; color: #dbe4ec; }
  th, td { border-color: #2b3641; }
  .note { background: #4a3d10; }
  .bar { background: #232d37; }
  .uplot { background: #f7f9fb; color: #1c2733; }
}
`;

/** Draws what the element `data` holds: a summary, as JSON. */
export const script = `
const data = JSON.parse(document.getElementById('data').textContent);
const { timeline, changes, failures, expectedShares, durationMs } = data;
// A second is drawn in its middle, so that it stands where what happened in it stands.
const seconds = timeline.map((slot) => slot.second + 0.5);
const colors = ['#2266cc', '#d9730d', '#1a7f4b', '#8a3ffc', '#c0262d', '#007d79', '#9f1853'];
const often = (file) => changes.filter((change) => change.file === file).length > 5;
const marks = changes.filter(({ file }) => !often(file));
/** A dashed line where the configuration changed, but for what changes again and again. */
function markChanges(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = '#5b6b7b';
  ctx.setLineDash([4, 4]);
  for (const { atMs } of marks) {
    const x = plot.valToPos(atMs / 1000, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
/** A shade behind the lines while a failure of the script lasts. */
function markFailures(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = 'rgba(192, 38, 45, 0.1)';
  for (const { fromMs, untilMs } of failures) {
    const [from, until] = [fromMs, untilMs].map((ms) => plot.valToPos(ms / 1000, 'x', true));
    const left = Math.max(from, bbox.left);
    const width = Math.min(until, bbox.left + bbox.width) - left;
    if (width > 0) ctx.fillRect(left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}
/** Dotted where a share is expected, in the colour of its workload. */
function markShares(names) {
  return (plot) => {
    const { ctx } = plot;
    ctx.save();
    ctx.setLineDash([2, 4]);
    ctx.lineWidth = 2;
    for (const { workload, share, fromMs, untilMs } of expectedShares) {
      const y = plot.valToPos(100 * share, 'y', true);
      ctx.strokeStyle = colors[Math.max(0, names.indexOf(workload)) % colors.length];
      ctx.beginPath();
      ctx.moveTo(plot.valToPos(fromMs / 1000, 'x', true), y);
      ctx.lineTo(plot.valToPos(untilMs / 1000, 'x', true), y);
      ctx.stroke();
    }
    ctx.restore();
  };
}
function showLegend(plot) {
  plot.root.parentNode.classList.toggle('idle', plot.cursor.idx == null);
}
function draw(id, unit, lines, { range, marks = [] } = {}) {
  const place = document.getElementById(id);
  if (place === null) return;
  const inSeconds = (_, ticks) => ticks.map((tick) => tick + ' s');
  const axes = [{ values: inSeconds }, { label: unit, size: 60 }];
  const series = lines.map(({ label }, index) => ({
    label, stroke: colors[index % colors.length], width: 2, points: { show: seconds.length < 40 },
    value: (_, y) => (y == null ? '-' : Number(y.toFixed(2)) + ' ' + unit),
  }));
  const scales = { x: { time: false, range: [0, durationMs / 1000] }, y: range ? { range } : {} };
  const options = {
    width: place.clientWidth, height: 260, axes, scales,
    hooks: {
      drawClear: [markFailures], draw: [markChanges, ...marks], ready: [showLegend],
      setCursor: [showLegend],
    },
    series: [{ label: 'second', value: (_, x) => (x == null ? '' : x - 0.5) }, ...series],
  };
  const plot = new uPlot(options, [seconds, ...lines.map(({ values }) => values)], place);
  addEventListener('resize', () => plot.setSize({ width: place.clientWidth, height: 260 }));
}
const figure = (label, key) => ({ label, values: timeline.map((slot) => slot[key]) });
draw('latency', 'ms', [figure('p50', 'p50'), figure('p99', 'p99'), figure('max', 'max')]);
const workloads = [...new Set(timeline.flatMap((slot) => Object.keys(slot.workloads)))].sort();
const share = (slot, name) => {
  const total = Object.values(slot.workloads).reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : (100 * (slot.workloads[name] ?? 0)) / total;
};
if (workloads.length > 0) {
  const values = (label) => timeline.map((slot) => share(slot, label));
  const lines = workloads.map((label) => ({ label, values: values(label) }));
  // Lines at 0 and at 100 % are to be seen whole.
  draw('shares', '%', lines, { range: [-3, 103], marks: [markShares(workloads)] });
}
draw('requests', 'requests', [figure('requests', 'requests'), figure('errors', 'errors')]);
`;

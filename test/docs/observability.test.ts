import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { dashboardFiles, dashboardFolder } from '../../config/observability/dashboards/generate.ts';
import { tagName } from '../../src/telemetry/metrics/stat-tags.ts';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { mountedFiles, observabilityFolder } from '../support/observability-demo.ts';
import {
  panelsOf,
  readDashboards,
  readRules,
  shippedExpressions,
} from '../support/shipped-expressions.ts';
import { sluiceMain } from '../support/sluice-process.ts';

// What config/observability holds is right as far as can be told without running it.

const prometheusFolder = join(observabilityFolder, 'prometheus');
const noPromtool =
  spawnSync('promtool', ['--version']).error !== undefined &&
  'promtool is not installed (Debian: prometheus)';

t.test('the dashboards are what their generator makes', async (t) => {
  const files = dashboardFiles();
  t.strictSame(readdirSync(dashboardFolder).sort(), [...files.keys()].sort());
  for (const [name, content] of files) {
    const hint = `${name}: run node config/observability/dashboards/generate.ts`;
    t.equal(readFileSync(join(dashboardFolder, name), 'utf8'), content, hint);
  }
});

interface Placed {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly refId: string; readonly datasource: object }[];
}

t.test('dashboards keep their ids, and their data source can be chosen', async (t) => {
  const dashboards = readDashboards();
  t.strictSame(
    dashboards.map(({ uid }) => uid),
    ['sluice-mesh', 'sluice-proxy', 'sluice-service', 'sluice-workload'],
  );
  for (const dashboard of dashboards) {
    t.match(dashboard.templating.list[0], { name: 'datasource', type: 'datasource' });
    const panels = panelsOf(dashboard) as unknown as readonly Placed[];
    t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'ids are unique');
    for (const { type, title, description, targets = [] } of panels) {
      if (type === 'row') continue;
      t.ok(description, `${title} says what it shows`);
      t.ok(targets.length > 0, title);
      t.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
      for (const { datasource } of targets) t.match(datasource, { uid: '${datasource}' });
    }
  }
});

t.test('panels lie beside each other', async (t) => {
  for (const dashboard of readDashboards()) {
    const rows = dashboard.panels as unknown as readonly Placed[];
    // Rows that are closed have a page of their own.
    const pages = [
      rows,
      ...dashboard.panels.map(({ panels = [] }) => panels as unknown as Placed[]),
    ];
    for (const page of pages) {
      const cells = page.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from(
          { length: w * h },
          (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`,
        ),
      );
      t.equal(new Set(cells).size, cells.length, `${dashboard.uid}: none covers another`);
      t.notOk(
        page.some(({ gridPos: { x, w } }) => x + w > 24),
        `${dashboard.uid}: 24 columns`,
      );
    }
  }
});

/** Names of Prometheus that the documents have, some of them in Envoy's dotted form. */
function documentedMetrics(): Set<string> {
  const text = ['metrics.md', 'tracing.md']
    .map((name) => readFileSync(join(observabilityFolder, '../../docs', name), 'utf8'))
    .join('\n');
  const names = [...text.matchAll(/`([a-z_]+(?:\.[\w*<>.]+)?)`/g)].map(([, name = '']) => name);
  const metrics = new Set<string>();
  for (const name of names) {
    metrics.add(name);
    const dotted = name
      .replace('listener.*', 'listener.127.0.0.1_80')
      .replace('<status>', '200')
      .replaceAll('.*.', '.x;.');
    metrics.add(tagName(dotted).name);
  }
  return metrics;
}

t.test('every metric that a dashboard or an alert asks for is documented', async (t) => {
  const documented = documentedMetrics();
  const known = (name: string): boolean =>
    documented.has(name) || documented.has(name.replace(/_(bucket|sum|count)$/, ''));
  const asked = shippedExpressions().flatMap(({ where, expr }) =>
    [...expr.matchAll(/(?<![\w:])((?:istio|envoy|sluice|process|nodejs)_\w+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !known(name))
      .map((name) => `${where}: ${name}`),
  );
  t.strictSame(asked, []);
});

t.test('every alert says what to do, and has a case that it fires in', async (t) => {
  const cases = readFileSync(join(prometheusFolder, 'alerts.test.yml'), 'utf8');
  for (const { alert, labels, annotations } of readRules()) {
    if (alert === undefined) continue;
    t.match(labels?.['severity'], /^(page|ticket)$/, alert);
    for (const name of ['summary', 'description', 'runbook']) t.ok(annotations?.[name], alert);
    t.match(cases, `alertname="${alert}"`, alert);
  }
});

t.test('promtool finds nothing wrong, and the cases hold', { skip: noPromtool }, async (t) => {
  for (const args of [
    ['check', 'config', '--lint-fatal', 'prometheus.yml'],
    ['check', 'rules', '--lint-fatal', 'alerts.yml', 'recording-rules.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ]) {
    const run = spawnSync('promtool', args, { cwd: prometheusFolder, encoding: 'utf8' });
    t.equal(run.status, 0, `promtool ${args.join(' ')}\n${run.stdout}${run.stderr}`);
  }
});

t.test('what the compose file gives the proxy loads without a warning', async (t) => {
  const args = [sluiceMain, 'analyze', ...mountedFiles().flatMap((file) => ['-f', file])];
  const analyze = spawnSync(process.execPath, args, {
    cwd: join(observabilityFolder, '../..'),
    env: prepareChildEnvironment(),
    encoding: 'utf8',
  });
  t.equal(analyze.status, 0, analyze.stderr);
  t.notMatch(analyze.stdout, /^\S+ (warning|error) /m);
});

t.test('the compose file pins its images and mounts files that exist', async (t) => {
  interface Service {
    readonly image: string;
    readonly build?: string;
    readonly volumes?: readonly string[];
    readonly ports?: readonly string[];
  }
  const text = readFileSync(join(observabilityFolder, 'docker-compose.yml'), 'utf8');
  const { services } = parse(text) as { services: Record<string, Service> };
  for (const [name, service] of Object.entries(services)) {
    if (service.image !== 'sluice') t.match(service.image, /^[a-z/-]+:v?\d+\.\d+\.\d+$/, name);
    for (const volume of service.volumes ?? []) {
      const [file = ''] = volume.split(':');
      t.ok(existsSync(join(observabilityFolder, file)), `${name}: ${file}`);
    }
    for (const port of service.ports ?? []) t.match(port, /^127\.0\.0\.1:/, `${name}: on loopback`);
  }
});

/**
 * What config/observability/docker-compose.yml runs, without containers: the demo with the files
 * that are mounted there, the traffic of load.mjs and Prometheus, all on free ports.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Test } from 'tap';
import { parse, stringify } from 'yaml';
import { spawnBound } from './bound-child.ts';
import { prepareChildEnvironment } from './child-environment.ts';
import { eventually, within } from './deadline.ts';
import { freePorts } from './free-port.ts';
import { Prometheus } from './prometheus-client.ts';
import { sluiceMain } from './sluice-process.ts';
import { tempFolder } from './temp-folder.ts';

export const observabilityFolder = resolve(import.meta.dirname, '../../config/observability');

/** In the order in which load.mjs takes them. */
const loadPorts = [8080, 15006, 15001, 9009, 9104, 9105];
const documentedPorts = [
  ...loadPorts,
  ...[9101, 9102, 9103, 9111, 9112, 9113, 15000, 4317, 4318, 9090],
];

export interface ObservabilityDemo {
  /** Port of the admin API. */
  readonly admin: number;
  readonly prometheus: Prometheus;
  /** Port of the gateway. */
  readonly gateway: number;
}

/** Everything runs when it resolves, and has ended when the test has. */
export async function startObservabilityDemo(t: Test): Promise<ObservabilityDemo> {
  const free = await freePorts(documentedPorts.length);
  const ports = new Map(documentedPorts.map((port, index) => [port, free[index] ?? 0]));
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  for (const file of mountedFiles()) {
    folder.write(`rules/${basename(file)}`, onOtherPorts(readFileSync(file, 'utf8'), ports));
  }
  const demo = start(t, process.execPath, [sluiceMain, 'demo', '-f', join(folder.path, 'rules')]);
  await eventually('the demo', { within: 20_000, every: 50 }, () => {
    if (demo.process.exitCode !== null) throw new Error(demo.output());
    return demo.output().includes('Ctrl-C stops it');
  });
  const port = (documented: number): number => ports.get(documented) ?? 0;
  const load = join(observabilityFolder, 'load.mjs');
  start(t, process.execPath, [load, ...loadPorts.map((documented) => String(port(documented)))]);
  const config = folder.write('prometheus.yml', prometheusConfig(port(15000)));
  const prometheus = new Prometheus(port(9090));
  const server = start(t, 'prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder.path, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port(9090)}`,
    '--enable-feature=exemplar-storage',
    '--log.level=warn',
  ]);
  await eventually('Prometheus', { within: 20_000, every: 50 }, () => {
    if (server.process.exitCode !== null) throw new Error(server.output());
    return prometheus.isReady();
  });
  return { admin: port(15000), gateway: port(8080), prometheus };
}

/** Where the compose file takes the files of the proxy from. */
export function mountedFiles(): string[] {
  const text = readFileSync(join(observabilityFolder, 'docker-compose.yml'), 'utf8');
  const { services } = parse(text) as {
    services: Record<string, { volumes?: readonly string[] }>;
  };
  return (services['sluice']?.volumes ?? []).map((volume) =>
    join(observabilityFolder, volume.split(':')[0] ?? ''),
  );
}

function onOtherPorts(text: string, ports: ReadonlyMap<number, number>): string {
  return text
    .replaceAll('gatewayBind: 0.0.0.0', 'gatewayBind: 127.0.0.1')
    .replaceAll('collector', 'localhost')
    .replaceAll(/\b\d{4,5}\b/g, (port) => String(ports.get(Number(port)) ?? port));
}

/** The shipped one, asking every second. */
function prometheusConfig(adminPort: number): string {
  const folder = join(observabilityFolder, 'prometheus');
  const config = parse(readFileSync(join(folder, 'prometheus.yml'), 'utf8')) as {
    rule_files: readonly string[];
    scrape_configs: readonly { job_name: string; static_configs: unknown }[];
  };
  const sluice = config.scrape_configs.find(({ job_name }) => job_name === 'sluice');
  return stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: config.rule_files.map((file) => join(folder, file)),
    scrape_configs: [{ ...sluice, static_configs: [{ targets: [`127.0.0.1:${adminPort}`] }] }],
  });
}

interface Started {
  readonly process: ChildProcess;
  output(): string;
}

function start(t: Test, command: string, args: readonly string[]): Started {
  const env = prepareChildEnvironment({ NO_COLOR: '1' });
  const child = spawnBound(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-64 * 1024);
    });
  }
  const exited = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await within(15_000, `the end of ${basename(command)}`, exited);
  });
  return { process: child, output: () => output };
}

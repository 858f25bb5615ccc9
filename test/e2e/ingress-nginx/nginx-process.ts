/** A real nginx with the configurations of all cases in one process. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../../support/deadline.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { tlsFile } from '../../support/tls-fixtures.ts';

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v']).status === 0;
}

export interface NginxOptions {
  /** Of the cases, with `@name@` for ports and files. */
  readonly configurations: readonly string[];
  readonly ports: ReadonlyMap<string, number>;
  readonly httpPort: number;
  readonly httpsPort: number;
}

export interface NginxProcess {
  stop(): Promise<void>;
}

/** What the controller writes into each location. */
const proxyFields = `
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Host $http_host;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Scheme $scheme;
proxy_set_header Proxy "";
`;

const upstreams = ['web', 'api', 'canary', 'errors'];

function mainConfiguration({ configurations, ports }: NginxOptions): string {
  const blocks = upstreams.map(
    (name) => `upstream ${name} { server 127.0.0.1:${ports.get(name)} max_fails=0; }`,
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 512; }
http {
access_log off;
${temporary.map((name) => `${name}_temp_path ${name};`).join('\n')}
server_names_hash_bucket_size 128;
map_hash_bucket_size 128;
proxy_request_buffering off;
proxy_next_upstream off;
limit_req_status 503;
limit_conn_status 503;
${blocks.join('\n')}
server { listen @http@ default_server; return 404; }
${configurations.join('\n')}
}
`;
}

export async function startNginx(options: NginxOptions): Promise<NginxProcess> {
  const folder = tempFolder({ 'proxy.conf': proxyFields });
  const values = new Map<string, string | number>([
    ...options.ports,
    ['http', `127.0.0.1:${options.httpPort}`],
    ['https', `127.0.0.1:${options.httpsPort}`],
    ['proxy', join(folder.path, 'proxy.conf')],
    ['certificate', tlsFile('server-a.pem')],
    ['key', tlsFile('server-a.key.pem')],
  ]);
  const text = mainConfiguration(options).replaceAll(/@([\w-]+)@/g, (whole, name: string) =>
    String(values.get(name) ?? whole),
  );
  folder.write('nginx.conf', text);
  const command = ['-p', folder.path, '-e', 'error.log', '-c', join(folder.path, 'nginx.conf')];
  const child = spawn('nginx', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([
    eventually('nginx listens', { within: 10_000 }, () => canConnect(options.httpPort)),
    exited.then(() => {
      throw new Error(`nginx ended: ${said}`);
    }),
  ]);
  return { stop: () => stop(child, exited, folder) };
}

async function stop(
  child: ChildProcess,
  exited: Promise<void>,
  folder: { remove(): void },
): Promise<void> {
  child.kill('SIGTERM');
  await exited;
  folder.remove();
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

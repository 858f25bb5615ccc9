/**
 * Stands in for your services in the examples: answers every request with its name and what it was
 * asked. Plain JavaScript without dependencies.
 *
 *   node config/sample-upstream.mjs NAME=PORT[:STATUS]...
 *
 * A STATUS is answered to every request, to play a broken instance. `/delay/SECONDS` answers late.
 * `POST /healthcheck/fail` makes `/healthz` answer 503, until `POST /healthcheck/ok`.
 */

import { createServer } from 'node:http';

for (const instance of process.argv.slice(2)) {
  const match = /^([^=]+)=(\d+)(?::(\d{3}))?$/.exec(instance);
  if (match === null) {
    console.error(`not of the form NAME=PORT[:STATUS]: ${instance}`);
    process.exit(2);
  }
  const [, name, port, status] = match;
  let isWell = true;
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url.startsWith('/healthcheck/')) {
      isWell = request.url === '/healthcheck/ok';
    }
    const isSick = request.url === '/healthz' && !isWell;
    const seconds = Number(/^\/delay\/(\d+(?:\.\d+)?)$/.exec(request.url)?.[1] ?? 0);
    setTimeout(() => {
      response.writeHead(isSick ? 503 : Number(status ?? 200), { 'content-type': 'text/plain' });
      response.end(`${name}: ${request.method} ${request.url}\n`);
    }, seconds * 1000);
  });
  server.once('error', (error) => {
    console.error(`${name}: ${error.message}`);
    process.exit(1);
  });
  server.listen(Number(port), '127.0.0.1');
}

/**
 * Stands in for your services in the examples: answers every request with its name and what it was
 * asked. Plain JavaScript without dependencies.
 *
 *   node config/sample-upstream.mjs [--tls CERTIFICATE] NAME=PORT[:STATUS]...
 *
 * A STATUS is answered to every request, to play a broken instance. `/delay/SECONDS` answers late.
 * `POST /healthcheck/fail` makes `/healthz` answer 503, until `POST /healthcheck/ok`. With `--tls`
 * it speaks https with that file, NAME.pem, and its key in NAME.key.pem, to clients whose
 * certificate authority.pem beside them has signed.
 */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { dirname } from 'node:path';

const words = process.argv.slice(2);
const certificate = words[0] === '--tls' ? words.splice(0, 2)[1] : undefined;

for (const instance of words) {
  const match = /^([^=]+)=(\d+)(?::(\d{3}))?$/.exec(instance);
  if (match === null) {
    console.error(`not of the form NAME=PORT[:STATUS]: ${instance}`);
    process.exit(2);
  }
  const [, name, port, status] = match;
  let isWell = true;
  const server = listenerOf((request, response) => {
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

function listenerOf(answer) {
  if (certificate === undefined) return createServer(answer);
  const tls = {
    cert: readFileSync(certificate),
    key: readFileSync(certificate.replace(/\.pem$/, '.key.pem')),
    ca: readFileSync(`${dirname(certificate)}/authority.pem`),
    requestCert: true,
  };
  return createTlsServer(tls, answer);
}

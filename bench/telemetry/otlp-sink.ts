/** A collector that takes everything and keeps nothing: its port is the first argument. */

import { createServer } from 'node:http';

let requests = 0;
let bytes = 0;

createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ requests, bytes }));
    return;
  }
  requests++;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.once('end', () => {
    // An ExportTraceServiceResponse without fields.
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
}).listen(Number(process.argv[2]), '127.0.0.1');

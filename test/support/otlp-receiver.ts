/** The ports of a collector: takes what is sent over HTTP and over gRPC, and hands on its bytes. */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Metadata,
  Server as RpcServer,
  ServerCredentials,
  type sendUnaryData,
} from '@grpc/grpc-js';

export interface OtlpReceiverOptions {
  /** Full name of the service whose method Export is served. */
  readonly service: string;
  /** Also of what came by gRPC, where the path is null. */
  onBytes(bytes: Buffer, path: string | null): void;
}

/** What gRPC is told of messages: bytes they are, and bytes they stay. */
const asBytes = (bytes: Buffer): Buffer => bytes;

export class OtlpReceiver {
  /** Of each request over HTTP, and the metadata of each call. */
  readonly requestHeaders: IncomingHttpHeaders[] = [];
  /** Answers of the next requests over HTTP; 200 when there are none. */
  readonly statuses: number[] = [];
  /** Takes requests over HTTP and leaves them without an answer. */
  silent = false;
  readonly #options: OtlpReceiverOptions;
  readonly #http: Server;
  readonly #rpc = new RpcServer();
  #rpcPort = 0;

  private constructor(options: OtlpReceiverOptions) {
    this.#options = options;
    this.#http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (this.silent) return;
        this.requestHeaders.push(request.headers);
        const status = this.statuses.shift() ?? 200;
        if (status === 200) options.onBytes(Buffer.concat(chunks), request.url ?? '');
        response.writeHead(status).end();
      });
    });
  }

  static async open(options: OtlpReceiverOptions): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(options);
    receiver.#http.listen(0, '127.0.0.1');
    await once(receiver.#http, 'listening');
    await receiver.#openRpc();
    return receiver;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get grpcUrl(): string {
    return `http://127.0.0.1:${this.#rpcPort}`;
  }

  close(): void {
    this.#http.close();
    this.#http.closeAllConnections();
    this.#rpc.forceShutdown();
  }

  async #openRpc(): Promise<void> {
    const Export = {
      path: `/${this.#options.service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asBytes,
      requestDeserialize: asBytes,
      // A response that says nothing has no bytes.
      responseSerialize: asBytes,
      responseDeserialize: asBytes,
    };
    this.#rpc.addService({ Export }, {
      Export: (
        call: { readonly request: Buffer; readonly metadata: Metadata },
        answer: sendUnaryData<Buffer>,
      ) => {
        this.requestHeaders.push(call.metadata.getMap() as IncomingHttpHeaders);
        this.#options.onBytes(call.request, null);
        answer(null, Buffer.alloc(0), new Metadata());
      },
    } as never);
    this.#rpcPort = await new Promise<number>((resolve, reject) => {
      this.#rpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }
}

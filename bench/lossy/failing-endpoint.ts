/** An endpoint that can be told to fail in the ways that processes fail in production. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Health =
  /** Answers 200. */
  | 'serving'
  /** The process is gone: connections are closed, new ones refused. */
  | 'dying'
  /** Accepts connections and requests, and never answers. */
  | 'hanging'
  /** Every connection ends with a TCP reset once a request is on it. */
  | 'resetting'
  /** Answers 503. */
  | 'unavailable';

const responseBody = 'hello from the endpoint';

export class FailingEndpoint {
  readonly #server: Server;
  readonly #port: number;
  readonly #unanswered = new Set<Socket>();
  #health: Health = 'serving';

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((request, response) => this.#answer(request, response));
    // Connections end when this endpoint fails, not because they were idle.
    this.#server.keepAliveTimeout = 0;
  }

  static async start(port: number): Promise<FailingEndpoint> {
    const endpoint = new FailingEndpoint(port);
    await endpoint.#listen();
    return endpoint;
  }

  async become(health: Health): Promise<void> {
    const was = this.#health;
    this.#health = health;
    for (const socket of this.#unanswered) socket.resetAndDestroy();
    if (health === 'dying' && was !== 'dying') await this.#close();
    if (health !== 'dying' && was === 'dying') await this.#listen();
  }

  async stop(): Promise<void> {
    if (this.#health !== 'dying') await this.#close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (this.#health === 'resetting') {
      socket.resetAndDestroy();
    } else if (this.#health === 'hanging') {
      this.#unanswered.add(socket);
      socket.once('close', () => this.#unanswered.delete(socket));
    } else {
      response.statusCode = this.#health === 'unavailable' ? 503 : 200;
      response.setHeader('content-length', responseBody.length);
      response.end(responseBody);
    }
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', 1024, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

/** Holds a TLS connection after its ClientHello until a certificate has been made for it. */

import type { SecureContext } from 'node:tls';
import { OwnedTimer } from '../../base/timer-wheel.ts';
import type { ConnectionHandler } from '../connection/connection-handler.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';

export interface CertificateWaitOptions {
  readonly connection: DownstreamConnection;
  /** All that has been read of the connection, the ClientHello first. Copied. */
  readonly early: Buffer;
  /** null: there is none. Does not reject. */
  readonly context: Promise<SecureContext | null>;
  /** `early`: what has been read by now. Not called for a connection that is closed meanwhile. */
  onReady(context: SecureContext | null, early: Buffer): void;
}

export class CertificateWait implements ConnectionHandler {
  readonly #connection: DownstreamConnection;
  readonly #early: Buffer[];
  #earlyBytes: number;
  readonly #timer = new OwnedTimer(this);
  #isOver = false;

  constructor({ connection, early, context, onReady }: CertificateWaitOptions) {
    this.#connection = connection;
    this.#early = [Buffer.from(early)];
    this.#earlyBytes = early.length;
    connection.context.wheel.arm(
      this.#timer,
      connection.listener.model.limits.tlsHandshakeTimeoutMs,
    );
    void context.then((made) => {
      if (this.#isOver) return;
      this.#end();
      onReady(made, Buffer.concat(this.#early));
    });
  }

  onTimer(): void {
    this.#connection.listener.stats.downstreamCxTransportSocketConnectTimeout++;
    this.#connection.destroy();
  }

  /** Clients wait for the answer to a ClientHello; those that do not may send a little. */
  onBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#isOver) return;
    const { listener } = this.#connection;
    this.#early.push(Buffer.from(bytes.subarray(start, end)));
    this.#earlyBytes += end - start;
    if (this.#earlyBytes <= listener.model.limits.inspectionBytes) return;
    listener.stats.sslConnectionError++;
    this.#connection.destroy();
  }

  onDrain(): void {}

  onPeerEnd(): void {
    this.#connection.destroy();
  }

  onClosed(): void {
    this.#end();
  }

  drain(): void {
    this.#connection.destroy();
  }

  cancel(): void {
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#connection.context.wheel.disarm(this.#timer);
  }
}

/** The toxics of a route, made ready: which of them hit a request, and what comes of it. */

import { unreachable } from '../../base/assert.ts';
import type { Random } from '../../base/random.ts';
import type { Toxic, ToxicEffect } from '../../model/toxic.ts';
import {
  type CompiledHeaderMatch,
  compileHeaderMatch,
  headerMatches,
} from '../../routing/header-match.ts';
import type { RouteRequest } from '../../routing/route-request.ts';
import { hits } from '../filters/fault.ts';
import { sampleLatencyMs } from './latency-sample.ts';

/** What is in store for one exchange: latencies add up, of limits the lowest counts. */
export class ToxicDose {
  /** Before the head of the response. */
  latencyMs = 0;
  /** Of the response's body; Infinity: no limit. */
  downloadBytesPerSecond = Number.POSITIVE_INFINITY;
  /** Of the request's body; Infinity: no limit. */
  uploadBytesPerSecond = Number.POSITIVE_INFINITY;
  /** Bytes of the body after which the response breaks off; -1: before the head. */
  breakAfterBytes = Number.POSITIVE_INFINITY;
  /** TCP RST rather than FIN. */
  breaksByReset = false;

  add(effect: ToxicEffect, random: Random): void {
    switch (effect.kind) {
      case 'first-byte-latency':
        this.latencyMs += sampleLatencyMs(effect.distribution, random);
        return;
      case 'bandwidth-limit':
        this.downloadBytesPerSecond = Math.min(this.downloadBytesPerSecond, effect.bytesPerSecond);
        return;
      case 'slow-upload':
        this.uploadBytesPerSecond = Math.min(this.uploadBytesPerSecond, effect.bytesPerSecond);
        return;
      case 'cut-body':
        this.#breakAfter(effect.afterBytes, false);
        return;
      case 'reset-connection':
        this.#breakAfter(effect.afterBytes ?? -1, true);
        return;
      default:
        unreachable(effect);
    }
  }

  /** The response itself is changed. */
  get hitsResponse(): boolean {
    return (
      this.latencyMs > 0 ||
      this.downloadBytesPerSecond !== Number.POSITIVE_INFINITY ||
      this.breakAfterBytes !== Number.POSITIVE_INFINITY
    );
  }

  #breakAfter(bytes: number, byReset: boolean): void {
    if (bytes > this.breakAfterBytes) return;
    this.breaksByReset = byReset || (bytes === this.breakAfterBytes && this.breaksByReset);
    this.breakAfterBytes = bytes;
  }
}

interface CompiledToxic {
  readonly toxic: Toxic;
  readonly headers: readonly CompiledHeaderMatch[];
}

export class ToxicFilter {
  readonly #toxics: readonly CompiledToxic[];

  constructor(toxics: readonly Toxic[]) {
    this.#toxics = toxics.map((toxic) => ({
      toxic,
      headers: toxic.headers.map(compileHeaderMatch),
    }));
  }

  /** null for a request that none of them hits. */
  draw(request: RouteRequest, random: Random): ToxicDose | null {
    let dose: ToxicDose | null = null;
    for (const { toxic, headers } of this.#toxics) {
      if (!headers.every((header) => headerMatches(header, request))) continue;
      if (!hits(toxic.percentage, random)) continue;
      dose ??= new ToxicDose();
      for (const effect of toxic.effects) dose.add(effect, random);
    }
    return dose;
  }
}

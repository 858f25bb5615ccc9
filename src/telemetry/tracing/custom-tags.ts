/** Attributes that the configuration adds to spans: Istio customTags, and the tags `istio.*`. */

import { unicodeFromWire } from '../../base/wire-text.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import type { CustomTag, TracingSettings } from '../../model/tracing-settings.ts';
import { compileFormat } from '../format/format.ts';
import { selfWorkload } from '../metrics/istio-labels.ts';
import { redacted, secretHeaders } from '../secret-headers.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { AttributeSink } from './span-encoder.ts';

/** The value of one tag; empty: it is left out. */
interface CompiledTag {
  readonly name: string;
  valueOf(info: StreamInfo): string;
}

export class CustomTags {
  /** The same on every span. */
  readonly #fixed: readonly (readonly [name: string, value: string])[];
  readonly #tags: readonly CompiledTag[];

  constructor({ customTags, istioTags }: TracingSettings, identity: ProxyIdentity) {
    this.#fixed = istioTags ? Object.entries(istioAttributes(identity)) : [];
    this.#tags = customTags.map(compileTag);
  }

  /**
   * Writes them, and returns what else is to be written through: a tag may stand over what spans
   * say by themselves.
   */
  writeTo(out: AttributeSink, info: StreamInfo): AttributeSink {
    if (this.#tags.length === 0) {
      for (const [name, value] of this.#fixed) out.text(name, value);
      return out;
    }
    const values = new Map(this.#fixed);
    for (const tag of this.#tags) {
      const value = tag.valueOf(info);
      if (value !== '') values.set(tag.name, value);
    }
    for (const [name, value] of values) out.text(name, value);
    return new OtherAttributes(out, values);
  }
}

/** Lets through what has not been written. */
class OtherAttributes implements AttributeSink {
  readonly #out: AttributeSink;
  readonly #written: ReadonlyMap<string, string>;

  constructor(out: AttributeSink, written: ReadonlyMap<string, string>) {
    this.#out = out;
    this.#written = written;
  }

  text(name: string, value: string): void {
    if (!this.#written.has(name)) this.#out.text(name, value);
  }

  wireText(name: string, value: string): void {
    if (!this.#written.has(name)) this.#out.wireText(name, value);
  }

  number(name: string, value: number): void {
    if (!this.#written.has(name)) this.#out.number(name, value);
  }
}

function compileTag(tag: CustomTag): CompiledTag {
  const { name } = tag;
  switch (tag.kind) {
    case 'literal':
      return { name, valueOf: () => tag.value };
    case 'environment': {
      // The environment of a process does not change.
      const value = process.env[tag.variable] ?? tag.defaultValue ?? '';
      return { name, valueOf: () => value };
    }
    case 'header':
      return {
        name,
        valueOf: ({ requestHeaders }) => {
          const value = requestHeaders?.get(tag.header);
          if (value === undefined) return tag.defaultValue ?? '';
          return secretHeaders.includes(tag.header) ? redacted : unicodeFromWire(value);
        },
      };
    case 'format': {
      const format = compileFormat(tag.format, 'span-tag');
      // The configuration has been checked.
      if (!format.ok) return { name, valueOf: () => '' };
      return { name, valueOf: (info) => unicodeFromWire(format.value.format(info)) };
    }
  }
}

/** Who the proxy is, as Istio tags every span with it. */
function istioAttributes(identity: ProxyIdentity): Record<string, string> {
  const self = selfWorkload(identity);
  return {
    'istio.canonical_service': self.canonicalName,
    'istio.canonical_revision': self.canonicalRevision,
    'istio.namespace': identity.namespace,
    'istio.mesh_id': process.env['ISTIO_META_MESH_ID'] ?? 'unknown',
    'istio.cluster_id': process.env['ISTIO_META_CLUSTER_ID'] ?? 'unknown',
  };
}

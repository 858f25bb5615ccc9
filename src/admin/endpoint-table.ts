/** Finds the endpoint of a path: exact ones first, then those with variable segments in order. */

import type { AdminEndpoint } from './admin-endpoint.ts';

export interface FoundEndpoint {
  readonly endpoint: AdminEndpoint;
  readonly variables: Readonly<Record<string, string>>;
}

const noVariables = Object.freeze({});

export class EndpointTable {
  readonly all: readonly AdminEndpoint[];
  readonly #exact: ReadonlyMap<string, AdminEndpoint>;
  readonly #patterns: readonly PathPattern[];

  constructor(all: readonly AdminEndpoint[]) {
    this.all = all;
    this.#exact = new Map(all.map((endpoint) => [endpoint.path, endpoint]));
    this.#patterns = all
      .filter(({ path }) => path.includes('{'))
      .map((endpoint) => ({ endpoint, segments: endpoint.path.split('/') }));
  }

  find(path: string): FoundEndpoint | null {
    const endpoint = this.#exact.get(path);
    if (endpoint !== undefined) return { endpoint, variables: noVariables };
    const segments = path.split('/');
    for (const pattern of this.#patterns) {
      const variables = matchSegments(pattern.segments, segments);
      if (variables !== null) return { endpoint: pattern.endpoint, variables };
    }
    return null;
  }
}

interface PathPattern {
  readonly endpoint: AdminEndpoint;
  readonly segments: readonly string[];
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const variables: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(expected)?.[1];
    if (name === undefined) {
      if (segment !== expected) return null;
      continue;
    }
    const value = decodeSegment(segment);
    if (value === null || value === '') return null;
    variables[name] = value;
  }
  return variables;
}

/** null: the percent-encoding is broken. */
function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    // It throws URIError and nothing else.
    return null;
  }
}

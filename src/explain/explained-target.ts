/** The part of an explanation that is about clusters, and about settings with their places. */

import type { ClusterDiscovery } from '../model/cluster.ts';
import type { Origin } from '../model/origin.ts';
import type { EndpointDescription } from './descriptions.ts';

/** One setting that holds for a request or connection. */
export interface PolicyValue {
  /** `timeout`, `retries`, `outlierDetection`: as Istio names it. */
  readonly name: string;
  /** In words, with units. */
  readonly value: string;
  /** Nobody says it: this is what holds then. */
  readonly isDefault: boolean;
  /** Where it is said; null for a default. */
  readonly origin: Origin | null;
}

/** A cluster that requests or connections may go to. */
export interface ExplainedCluster {
  readonly cluster: string;
  /** Share of them that it gets. */
  readonly percent: number;
  /** false: they end with the flag NC. */
  readonly exists: boolean;
  /** Empty without. */
  readonly subset: string;
  readonly origin: Origin | null;
  readonly policy: readonly PolicyValue[];
  /** Where endpoints come from; null where it does not exist. */
  readonly discovery: ClusterDiscovery | null;
  /** What is looked up in DNS for its endpoints: `host:port`, each. */
  readonly names: readonly string[];
  readonly endpoints: readonly EndpointDescription[];
  /** Address of the endpoint that the hash gives; null: any, or not known. */
  readonly hashedEndpoint: string | null;
}

/** One of a request. */
export interface ExplainedTarget extends ExplainedCluster {
  /** The header block that an endpoint of it is sent. */
  readonly upstreamHeaders: readonly ExplainedHeader[];
}

export interface ExplainedHeader {
  readonly name: string;
  readonly value: string;
}

export interface ExplainedHash {
  /** What is hashed, in words: `header x-user`. */
  readonly policies: readonly string[];
  /** 16 hexadecimal digits; null: the request has nothing to hash, any endpoint will do. */
  readonly value: string | null;
  /** The cluster that a sticky choice gives; null: that is drawn by weight. */
  readonly cluster: string | null;
}

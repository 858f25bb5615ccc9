/**
 * The OpenAPI 3.1 document of /api/v1: paths and parameters from the endpoints, answers from the
 * schemas that the types of the handlers come from.
 */

import type { TSchema } from 'typebox';
import { Type } from '../../base/schema.ts';
import { TrafficGraph } from '../../telemetry/traffic/traffic-graph.ts';
import type { AdminEndpoint, AdminParameter } from '../admin-endpoint.ts';
import { ClusterList, EndpointList } from './schema/clusters.ts';
import { ConnectionExplanationAnswer } from './schema/connection-explanation.ts';
import { ExplanationAnswer } from './schema/explanation.ts';
import { ProxyInfo } from './schema/info.ts';
import { ListenerList } from './schema/listeners.ts';
import { DroppedRequests, RecentRequestList } from './schema/requests.ts';
import { ConfigReport, ResourceDetail, ResourceList } from './schema/resources.ts';
import { RouteTableList } from './schema/routes.ts';
import { ApiError } from './schema/shared.ts';

/** Below this path the API is of sluice's own; the other paths are Envoy's. */
export const apiPrefix = '/api/v1/';

/** What each path answers with 200. */
export const answerSchemas: Readonly<Record<string, TSchema>> = {
  '/api/v1/config': ConfigReport,
  '/api/v1/clusters': ClusterList,
  '/api/v1/endpoints': EndpointList,
  '/api/v1/explain': ExplanationAnswer,
  '/api/v1/explain/connection': ConnectionExplanationAnswer,
  '/api/v1/graph': TrafficGraph,
  '/api/v1/info': ProxyInfo,
  '/api/v1/listeners': ListenerList,
  '/api/v1/openapi.json': Type.Object({}, { description: 'This document.' }),
  '/api/v1/requests': RecentRequestList,
  '/api/v1/requests/stream': Type.String({
    description:
      'Server-sent events: `request` has a RequestRecord as its data, `dropped` DroppedRequests.',
  }),
  '/api/v1/resources': ResourceList,
  '/api/v1/resources/{kind}/{namespace}/{name}': ResourceDetail,
  '/api/v1/routes': RouteTableList,
};

/** Those that are not text. */
const parameterSchemas: Readonly<Record<string, unknown>> = {
  limit: { type: 'integer', minimum: 1 },
  header: { type: 'array', items: { type: 'string' } },
};

const eventStreams: readonly string[] = ['/api/v1/requests/stream'];

export function openApiDocument(endpoints: readonly AdminEndpoint[]): unknown {
  const schemas: Record<string, unknown> = {};
  const own = endpoints.filter(({ path }) => path.startsWith(apiPrefix));
  const paths = own.map((endpoint) => [endpoint.path, { get: operation(endpoint, schemas) }]);
  // Only events have it.
  reference(DroppedRequests, schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'sluice',
      version: 'v1',
      description: 'What a running sluice does: configuration, endpoints, live traffic.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:15000', description: 'The default of --admin.' }],
    paths: Object.fromEntries(paths),
    components: { schemas },
  };
}

function operation(endpoint: AdminEndpoint, schemas: Record<string, unknown>): unknown {
  const { path, help, parameters } = endpoint;
  const variables = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const schema = reference(answerSchemas[path], schemas);
  const type = eventStreams.includes(path) ? 'text/event-stream' : 'application/json';
  const refused = { 'application/json': { schema: reference(ApiError, schemas) } };
  return {
    summary: help,
    operationId: operationId(path),
    parameters: [...variables, ...parameters.map(describeParameter)],
    responses: {
      '200': { description: 'What was asked for.', content: { [type]: { schema } } },
      '4XX': { description: 'Why it cannot be answered.', content: refused },
    },
  };
}

/** `/api/v1/requests/stream` is `getRequestsStream`. */
function operationId(path: string): string {
  const words = path.slice(apiPrefix.length).match(/\w+/g) ?? [];
  return `get${words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join('')}`;
}

function describeParameter(parameter: AdminParameter): unknown {
  if (typeof parameter === 'string') {
    return { name: parameter, in: 'query', schema: parameterSchemas[parameter] ?? textSchema };
  }
  const { name, help, takes } = parameter;
  const schema = typeof takes === 'object' ? { ...textSchema, enum: takes } : textSchema;
  return { name, in: 'query', description: help, schema: parameterSchemas[name] ?? schema };
}

const textSchema = { type: 'string' } as const;

/** The schema with every part that has a title as a reference to it. */
function reference(schema: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => reference(item, schemas));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { title } = schema as { readonly title?: unknown };
  if (typeof title !== 'string') return withReferences(schema, schemas);
  schemas[title] ??= withReferences(schema, schemas);
  return { $ref: `#/components/schemas/${title}` };
}

function withReferences(schema: object, schemas: Record<string, unknown>): unknown {
  const entries = Object.entries(schema).map(([key, value]) => [key, reference(value, schemas)]);
  return Object.fromEntries(entries);
}

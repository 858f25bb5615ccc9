/** Which Ingresses `--ingress-class` chooses. */

import t from 'tap';
import { ofClass } from '../../src/convert/ingress-class.ts';
import { load } from '../config/translate/translate-yaml.ts';

const ingress = (name: string, spec: string, annotations = '{}') => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: ${annotations}}
spec: {${spec}, defaultBackend: {service: {name: web, port: {number: 80}}}}
`;

const ofNothing = ingress('nothing', 'rules: []');
const others =
  ingress('field', 'ingressClassName: edge') +
  ingress('annotation', 'ingressClassName: edge', '{kubernetes.io/ingress.class: other}');

const chosen = (yaml: string, wanted: string | null) =>
  ofClass(load(yaml), wanted).ingresses.map(({ metadata }) => metadata.name);

t.test('by annotation, then by the field', async (t) => {
  t.same(chosen(ofNothing + others, 'edge'), ['field']);
  t.same(chosen(ofNothing + others, 'other'), ['annotation']);
  t.same(chosen(ofNothing + others, null), ['nothing', 'field', 'annotation']);
});

t.test('the default class is that of an Ingress without one', async (t) => {
  const byDefault = `---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: edge, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: example.com/edge}
`;
  t.same(chosen(byDefault + ofNothing + others, 'edge'), ['nothing', 'field']);
});

import t from 'tap';
import { escapeAttribute, escapeText } from '../../../src/cli/output/xml-text.ts';

const cases: readonly (readonly [text: string, asText: string, asAttribute: string])[] = [
  ['plain', 'plain', 'plain'],
  ['a < b && c > d', 'a &lt; b &amp;&amp; c &gt; d', 'a &lt; b &amp;&amp; c &gt; d'],
  ['say "it"', 'say "it"', 'say &quot;it&quot;'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab', 'two&#10;lines\tand a tab'],
  // XML 1.0 has no way to write these at all.
  ['a\u0000b\u001bc\uffff', 'a\ufffdb\ufffdc\ufffd', 'a\ufffdb\ufffdc\ufffd'],
  [']]>', ']]&gt;', ']]&gt;'],
  ['ä €', 'ä €', 'ä €'],
];

for (const [text, asText, asAttribute] of cases) {
  t.test(JSON.stringify(text), async (t) => {
    t.equal(escapeText(text), asText);
    t.equal(escapeAttribute(text), asAttribute);
  });
}

import t from 'tap';
import { escapeHtml } from '../../src/base/html-text.ts';

t.test('what would begin or end markup is written as entities', async (t) => {
  t.equal(escapeHtml('<b title="x">&amp;</b>'), '&lt;b title=&quot;x&quot;&gt;&amp;amp;&lt;/b&gt;');
});

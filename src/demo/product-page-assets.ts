/** Icon, style and script of the product page. */

/** In the page itself, so that no browser asks for /favicon.ico. */
export const pageIcon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 22 22'%3E" +
  "%3Crect width='22' height='22' rx='6' fill='%230f6e78'/%3E" +
  "%3Cpath d='M0 6.6h22v2.6H0zM0 13.6h22v2.6H0z' fill='%23fff'/%3E%3C/svg%3E";

export const pageStyle = `
:root { color-scheme: light; --bg: #f6f5f1; --ink: #1d2430; --soft: #5d6675; --line: #e2dfd6;
  --card: #fff; --accent: #0f6e78; --accent-ink: #fff; --red: #d03a33; --star-off: #dcd8cc; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem;
  padding: .8rem max(1.2rem, calc((100vw - 1060px) / 2 + 1.2rem)); background: var(--card);
  border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: .6rem; font-weight: 650; font-size: 1.05rem;
  color: var(--ink); text-decoration: none; }
.mark { width: 22px; height: 22px; border-radius: 6px; background:
  linear-gradient(180deg, transparent 30%, var(--card) 30% 42%, transparent 42% 62%,
  var(--card) 62% 74%, transparent 74%), var(--accent); }
.session { display: flex; align-items: center; gap: .6rem; margin: 0; }
.who { color: var(--soft); }
.who b { color: var(--ink); }
input { width: 9rem; padding: .42rem .7rem; border: 1px solid var(--line); border-radius: 8px;
  background: var(--bg); color: var(--ink); font: inherit; }
.button { padding: .45rem 1rem; border: 1px solid var(--accent); border-radius: 8px;
  background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 550;
  text-decoration: none; white-space: nowrap; cursor: pointer; }
.button.quiet { background: none; color: var(--accent); }
.button:disabled { opacity: .55; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main { max-width: 1060px; margin: 0 auto; padding: 2.4rem 1.2rem 4rem; }
.hero { max-width: 760px; margin-bottom: 2.2rem; }
.kicker { margin: 0; color: var(--accent); font-size: .82rem; font-weight: 650;
  letter-spacing: .08em; text-transform: uppercase; }
h1 { margin: .2rem 0 .6rem; font: 600 2.7rem/1.15 Georgia, "DejaVu Serif", serif;
  letter-spacing: -.01em; }
.lead { margin: 0; color: var(--soft); font-size: 1.06rem; }
.columns { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); gap: 1.2rem; }
.card { padding: 1.4rem 1.6rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; }
.card.failed { border-color: var(--red); }
.card.failed p { color: var(--red); }
h2 { margin: 0 0 .9rem; font-size: 1.05rem; font-weight: 650; }
dl { display: grid; grid-template-columns: 7rem 1fr; margin: 0; }
dt, dd { margin: 0; padding: .38rem 0; border-top: 1px solid var(--line); }
dt { color: var(--soft); }
dl > :nth-child(-n+2) { border-top: 0; }
blockquote { margin: 0 0 1.1rem; padding: 0 0 1.1rem; border-bottom: 1px solid var(--line); }
blockquote p { margin: 0 0 .5rem; font: 1.05rem/1.55 Georgia, "DejaVu Serif", serif; }
blockquote footer { display: flex; justify-content: space-between; align-items: center;
  gap: 1rem; }
cite { color: var(--soft); font-style: normal; }
.stars { font-size: 1.35rem; line-height: 1; letter-spacing: .06em; color: var(--ink); }
.stars.red { color: var(--red); }
.stars i { color: var(--star-off); font-style: normal; }
.missing { color: var(--red); font-size: .9rem; }
.served { margin: 0; color: var(--soft); font-size: .9rem; }
.served b { color: var(--ink); font-family: ui-monospace, "DejaVu Sans Mono", monospace;
  font-weight: 500; }
.shares { margin-top: 1.2rem; }
.shares-head { display: flex; justify-content: space-between; align-items: center; gap: 2rem; }
.shares-head h2 { margin-bottom: .2rem; }
.shares-head p { margin: 0; color: var(--soft); }
code { padding: .08rem .35rem; border-radius: 5px; background: var(--bg); font-size: .88em; }
.bars { margin-top: 1.2rem; }
.bar { display: grid; grid-template-columns: 9rem 1fr 5rem; align-items: center; gap: .8rem;
  padding: .25rem 0; }
.bar.failed { display: none; }
.bar.failed.some { display: grid; }
.bar em { color: var(--soft); font-style: normal; font-size: .9rem; }
.bar div { height: 12px; border-radius: 6px; background: var(--bg); overflow: hidden; }
.bar i { display: block; width: 0; height: 100%; border-radius: 6px; background: var(--accent);
  transition: width .25s; }
.bar.black i { background: var(--ink); }
.bar.red i, .bar.failed i { background: var(--red); }
.bar b { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums;
  font-weight: 550; }
@media (max-width: 760px) {
  .columns { grid-template-columns: 1fr; }
  .shares-head { flex-direction: column; align-items: flex-start; gap: .9rem; }
  .bar { grid-template-columns: 7.5rem 1fr 5rem; }
  h1 { font-size: 2rem; }
  .session input { width: 6.5rem; }
}
`;

export const pageScript = `
const requests = 200, abreast = 8;
const button = document.getElementById('ask');
const bars = [...document.querySelectorAll('.bar')];
button.addEventListener('click', async () => {
  button.disabled = true;
  const counts = {};
  let left = requests, done = 0;
  const show = () => {
    for (const bar of bars) {
      const count = counts[bar.dataset.version] || 0;
      bar.classList.toggle('some', count > 0);
      bar.querySelector('i').style.width = (100 * count / done) + '%';
      bar.querySelector('b').textContent = (100 * count / done).toFixed(1) + ' %';
    }
  };
  const ask = async () => {
    while (left-- > 0) {
      let version = 'failed';
      try {
        const response = await fetch('/api/v1/products/0/reviews');
        if (response.ok) version = (await response.json()).podname;
      } catch {
        // The next request may be answered again.
      }
      counts[version] = (counts[version] || 0) + 1;
      done++;
      show();
    }
  };
  await Promise.all(Array.from({ length: abreast }, ask));
  button.disabled = false;
});
`;

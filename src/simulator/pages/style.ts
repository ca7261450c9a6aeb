/** The look of every hosted page: one sheet, light and dark, phone and desktop, nothing from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f5f7fa; --raised: #ffffff; --ink: #1a1f36; --soft: #596579; --line: #dfe4ec;
  --field: #ffffff; --field-line: #c3cbd8; --accent: #1d4ed8; --on-accent: #ffffff; --accent-soft: #eaf0ff;
  --bad: #b3093c; --bad-soft: #fff1f4; --good: #0b6b3a; --good-soft: #e9f8f0; --warn: #7a4b00; --warn-soft: #fff3d6;
  --ring: #93b4ff; --shadow: 0 1px 2px rgb(16 24 40 / .06), 0 8px 24px rgb(16 24 40 / .06);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171d; --panel: #0f1116; --raised: #1a1e26; --ink: #eef1f6; --soft: #a5afbf; --line: #2b313c;
    --field: #101319; --field-line: #434b5a; --accent: #3b6cf0; --on-accent: #ffffff; --accent-soft: #1b2746;
    --bad: #ff8fa8; --bad-soft: #351620; --good: #6fdba0; --good-soft: #10291d; --warn: #ffd382; --warn-soft: #33270d;
    --ring: #6f96ff; --shadow: 0 1px 2px rgb(0 0 0 / .4), 0 8px 24px rgb(0 0 0 / .3);
  }
  a { --accent: #8fb0ff; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  font: 400 15px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  color: var(--ink); background: var(--page); overflow-wrap: break-word;
}
h1, h2, h3, p, ul, dl, dd, fieldset, table { margin: 0; padding: 0; }
h1 { font-size: 1.4rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; line-height: 1.3; font-weight: 650; }
h3 { font-size: .95rem; font-weight: 600; }
fieldset { border: 0; min-width: 0; }
a { color: var(--accent); text-underline-offset: .15em; }
small, .soft { color: var(--soft); font-weight: 400; }
small { font-size: .85rem; }
strong { font-weight: 650; }
.mode { background: var(--warn-soft); color: var(--warn); text-align: center; font-size: .85rem; padding: .45rem 1rem; }
.mode b { letter-spacing: .04em; }
.mode code { font: 600 .85rem ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: nowrap; }
.foot { padding: 1.25rem; text-align: center; font-size: .8rem; color: var(--soft); }
.foot a { color: inherit; }

.split { flex: 1; display: grid; grid-template-columns: minmax(0, 1fr); grid-auto-rows: min-content; }
.split > :last-child { min-height: 100%; }
.split > section, .split > div { padding: 1.75rem 1.25rem; }
.split > .summary { background: var(--panel); border-bottom: 1px solid var(--line); }
.split > .notice { margin: 1rem 1.25rem; grid-column: 1 / -1; }
.inner { width: 100%; max-width: 27rem; margin: 0 auto; display: grid; gap: 1.25rem; align-content: start; }
@media (min-width: 58rem) {
  .split { grid-template-columns: 1fr 1fr; }
  .split > section, .split > div { padding: 4rem 3.5rem; }
  .split > .summary { border-bottom: 0; border-inline-end: 1px solid var(--line); }
  .split > .summary > .inner { margin-inline-end: 0; }
  .split > :not(.summary) > .inner { margin-inline-start: 0; }
}
.sheet { flex: 1; background: var(--panel); padding: 1.5rem 1rem 2.5rem; }
.sheet > .column { width: 100%; max-width: 44rem; margin: 0 auto; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
.sheet > .column.narrow { max-width: 29rem; }
@media (min-width: 48rem) { .sheet { padding: 3.5rem 1.5rem; } }
.card {
  background: var(--raised); border: 1px solid var(--line); border-radius: .85rem; padding: 1.25rem; box-shadow: var(--shadow);
  display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; align-content: start;
}
@media (min-width: 48rem) { .card { padding: 1.75rem; } }
.center { text-align: center; justify-items: center; }

.brand { display: flex; align-items: center; gap: .65rem; font-weight: 600; text-decoration: none; color: inherit; }
.brand .mark {
  width: 2rem; height: 2rem; border-radius: .5rem; display: grid; place-items: center; flex: none;
  background: var(--accent); color: var(--on-accent); font-weight: 700; font-size: .95rem;
}
.back { font-size: .9rem; text-decoration: none; color: var(--soft); justify-self: start; }
.back:hover { color: var(--ink); text-decoration: underline; }
.title { color: var(--soft); font-size: 1.05rem; font-weight: 600; }
.amount { font-size: 2.35rem; line-height: 1.15; font-weight: 680; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.amount + .per { margin-top: .1rem; }
.per { color: var(--soft); }
.badge {
  display: inline-block; font-size: .75rem; font-weight: 600; line-height: 1; padding: .3rem .5rem; border-radius: .4rem;
  background: var(--panel); color: var(--soft); border: 1px solid var(--line); vertical-align: .1em; white-space: nowrap;
}
.badge.good { background: var(--good-soft); color: var(--good); border-color: transparent; }
.badge.bad { background: var(--bad-soft); color: var(--bad); border-color: transparent; }
.badge.warn { background: var(--warn-soft); color: var(--warn); border-color: transparent; }

.lines { list-style: none; display: grid; }
.lines > li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .15rem 1rem; padding: .8rem 0; border-bottom: 1px solid var(--line); }
.lines > li > div:last-child { text-align: end; font-variant-numeric: tabular-nums; }
.summary .lines > li:last-child { border-bottom: 0; }
.lines small { display: block; }
@media (max-width: 30rem) { .lines.stacked > li { grid-template-columns: minmax(0, 1fr); } .lines.stacked > li > div:last-child { justify-content: start; } }
.lines button.link { font-size: .9rem; padding-inline: 0; margin-inline-end: .5rem; }
.sums { display: grid; gap: .55rem; }
.sums > div { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; font-variant-numeric: tabular-nums; }
.sums > div > dd { white-space: nowrap; text-align: end; }
.sums > .total { font-weight: 650; border-top: 1px solid var(--line); padding-top: .75rem; margin-top: .2rem; }
.tiers { width: 100%; border-collapse: collapse; font-size: .85rem; margin: .4rem 0 .2rem; }
.tiers th, .tiers td { text-align: start; padding: .25rem .75rem .25rem 0; font-weight: 400; color: var(--soft); }
.tiers th { font-weight: 600; }
.facts { display: grid; grid-template-columns: minmax(7rem, auto) minmax(0, 1fr); gap: .55rem 1.25rem; }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; }
@media (max-width: 30rem) { .facts { grid-template-columns: minmax(5rem, auto) minmax(0, 1fr); gap: .55rem .9rem; } }
.table { overflow-x: auto; }
.table table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.table th { text-align: start; font-size: .8rem; font-weight: 600; color: var(--soft); padding: 0 1rem .5rem 0; border-bottom: 1px solid var(--line); }
.table td { padding: .7rem 1rem .7rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.table th:last-child, .table td:last-child { padding-inline-end: 0; }
.table .number { text-align: end; white-space: nowrap; }
.table tr:last-child td { border-bottom: 0; }

form { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
.group { display: grid; gap: 1rem; }
.group > legend { font-size: 1.05rem; font-weight: 650; padding: .35rem 0 0; margin-bottom: .75rem; }
.field { display: grid; gap: .35rem; align-content: start; min-width: 0; }
.field > label, .label { font-weight: 550; font-size: .9rem; }
.label-row { display: flex; justify-content: space-between; align-items: center; gap: .5rem; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem .75rem; align-items: start; }
input[type=text], input[type=email], input[type=tel], input[type=number], select, textarea {
  width: 100%; min-width: 0; font: inherit; font-size: 1rem; color: inherit; background: var(--field);
  padding: .62rem .75rem; border: 1px solid var(--field-line); border-radius: .5rem; min-height: 2.75rem;
}
.field input[type=number] { max-width: 9rem; }
input[readonly] { background: var(--panel); color: var(--soft); }
textarea { min-height: 5.5rem; resize: vertical; }
::placeholder { color: var(--soft); opacity: .75; }
[aria-invalid=true] { border-color: var(--bad) !important; }
:focus-visible { outline: 3px solid var(--ring); outline-offset: 2px; border-radius: .3rem; }
input:focus-visible, select:focus-visible, textarea:focus-visible { outline-offset: 0; border-radius: .5rem; }
.wrong { color: var(--bad); font-size: .87rem; }
.hint { color: var(--soft); font-size: .87rem; }
.check { display: flex; align-items: start; gap: .6rem; font-size: .9rem; }
input[type=checkbox], input[type=radio] { accent-color: var(--accent); width: 1.1rem; height: 1.1rem; margin: .15rem 0 0; flex: none; }
.choices { display: grid; gap: .6rem; }
.choices > legend { padding: 0; margin-bottom: .6rem; }
.choice {
  display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: .1rem .8rem; align-items: start; cursor: pointer;
  border: 1px solid var(--line); border-radius: .65rem; padding: .85rem 1rem;
}
.choice:has(input:checked) { border-color: var(--accent); background: var(--accent-soft); }
.choice small { display: block; }
.saved:not(:has(input[value=new]:checked)) + .new-card { display: none; }
.brands { display: flex; gap: .3rem; }
.chip {
  display: inline-grid; place-items: center; min-width: 2.1rem; height: 1.4rem; padding: 0 .3rem; border-radius: .25rem; flex: none;
  border: 1px solid var(--line); background: var(--raised); color: var(--soft); font-size: .6rem; font-weight: 700; letter-spacing: .03em;
}

button, .button {
  font: inherit; font-weight: 600; line-height: 1.2; padding: .8rem 1.1rem; min-height: 2.75rem; border: 1px solid transparent; border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); cursor: pointer; text-decoration: none; text-align: center; display: inline-block;
}
.button { --accent: #1d4ed8; }
@media (prefers-color-scheme: dark) { .button { --accent: #3b6cf0; } }
button:hover, .button:hover { filter: brightness(1.08); }
button.plain, .button.plain { background: var(--raised); color: var(--ink); border-color: var(--field-line); }
button.danger { background: #b3093c; color: #ffffff; }
button.link { background: none; color: var(--accent); padding: .25rem .35rem; min-height: 0; font-weight: 550; text-decoration: underline; text-underline-offset: .15em; }
@media (prefers-color-scheme: dark) { button.link { color: #8fb0ff; } }
button.link.quiet { color: var(--soft); }
.small { padding: .5rem .8rem; min-height: 2.25rem; font-size: .9rem; }
.big { padding: .95rem 1.2rem; font-size: 1.05rem; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.legal { justify-content: center; gap: 1.25rem; font-size: .87rem; }
.actions form, .inline { display: inline-grid; }
.spread { display: flex; justify-content: space-between; align-items: start; gap: .75rem 1rem; flex-wrap: wrap; }
.stack { display: grid; gap: .3rem; }
.gap { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.rule { border: 0; border-top: 1px solid var(--line); margin: 0; width: 100%; }
.joined { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .5rem; align-items: start; }
.quantity { display: flex; align-items: center; gap: .6rem; margin-top: .5rem; font-size: .9rem; }
.quantity input { width: 5rem; min-height: 2.25rem; padding: .35rem .6rem; }
.table small.narrow { display: none; }
@media (max-width: 40rem) { .table .wide { display: none; } .table small.narrow { display: block; } }
.below-label { margin-top: 1.75rem; }

.notice { border-radius: .6rem; padding: .8rem 1rem; font-size: .95rem; border: 1px solid transparent; }
.notice.bad { background: var(--bad-soft); color: var(--bad); border-color: color-mix(in srgb, var(--bad) 35%, transparent); }
.notice.good { background: var(--good-soft); color: var(--good); }
.notice.warn { background: var(--warn-soft); color: var(--warn); }
.seal { width: 3.25rem; height: 3.25rem; border-radius: 50%; display: grid; place-items: center; background: var(--panel); color: var(--soft); font-size: 1.5rem; }
.seal.good { background: var(--good-soft); color: var(--good); }
.seal.bad { background: var(--bad-soft); color: var(--bad); }

.examples { border: 1px dashed var(--field-line); border-radius: .75rem; padding: 1rem; display: grid; gap: .75rem; }
.examples ul { list-style: none; display: grid; gap: .15rem; }
.examples li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .75rem; align-items: baseline; font-size: .85rem; color: var(--soft); }
.examples button { padding: .2rem 0; font: 550 .85rem ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: nowrap; }
@media (max-width: 26rem) { .examples li { grid-template-columns: minmax(0, 1fr); gap: 0; padding-bottom: .4rem; } .examples li button { justify-self: start; } }
summary { cursor: pointer; font-size: .9rem; color: var(--soft); width: fit-content; }
details > :not(summary) { margin-top: .75rem; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { .mode, .actions, .foot { display: none; } .sheet { background: none; } .card { box-shadow: none; border: 0; } }
@media (prefers-reduced-motion: no-preference) { button, .button, .choice { transition: filter .12s, background .12s, border-color .12s; } }
`

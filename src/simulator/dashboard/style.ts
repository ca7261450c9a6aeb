import { STYLE } from '../pages/style.ts'

/** The look of the dashboard: that of the hosted pages, with a frame around it and denser. */
export const DASHBOARD_STYLE = `${STYLE}
.app { display: grid; grid-template-columns: minmax(0, 1fr); flex: 1; align-content: start; background: var(--page); font-size: 14px; }
.app .top {
  display: flex; flex-wrap: wrap; align-items: center; gap: .6rem .9rem; padding: .65rem 1rem; border-bottom: 1px solid var(--line); background: var(--panel);
}
.app .home { display: flex; align-items: center; gap: .55rem; font-weight: 650; color: var(--ink); text-decoration: none; white-space: nowrap; }
.app .home svg { width: 1.5rem; height: 1.5rem; }
.app .home .t1 { fill: var(--accent); } .app .home .t2 { fill: var(--on-accent); }
.app .top .grow { flex: 1; }
.app .time { color: var(--soft); text-decoration: none; font-variant-numeric: tabular-nums; white-space: nowrap; font-size: .85rem; }
.app .top .time { margin-inline-start: auto; }
@media (max-width: 45rem) {
  .app .top .time { order: 1; font-size: .78rem; } .app .top .switch { order: 2; } .app .top .find { order: 3; }
}
.app .time:hover { color: var(--ink); }
.app .find { display: block; flex: 1 1 14rem; max-width: 26rem; }
.app input[type=search], .app input[type=datetime-local], .app input[type=url], .app input[type=text], .app input[type=number], .app select {
  width: 100%; min-width: 0; font: inherit; color: inherit; background: var(--field); border: 1px solid var(--field-line); border-radius: .45rem;
  padding: .35rem .6rem; min-height: 2.25rem; font-weight: 400;
}
.app .switch { position: relative; }
.app .switch > summary {
  display: flex; gap: .5rem; align-items: center; list-style: none; border: 1px solid var(--field-line); border-radius: .45rem; padding: .35rem .65rem; min-height: 2.25rem;
  background: var(--field); color: var(--ink); font-size: .9rem; max-width: 100%;
}
.app .switch > summary::-webkit-details-marker { display: none; }
.app .switch > summary::after { content: "▾"; color: var(--soft); }
.app .switch > div {
  position: absolute; z-index: 2; margin-top: .35rem; min-width: 20rem; max-width: calc(100vw - 2rem); max-height: 24rem; overflow: auto; background: var(--raised);
  border: 1px solid var(--line); border-radius: .6rem; box-shadow: var(--shadow); padding: .4rem; display: grid; gap: .1rem;
}
.app .switch > div > a { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem .6rem; border-radius: .4rem; color: var(--ink); text-decoration: none; }
.app .switch > div > a:hover, .app .switch > div > a[aria-current] { background: var(--panel); }
.app nav.side { display: flex; gap: .15rem; overflow-x: auto; padding: .45rem .75rem; border-bottom: 1px solid var(--line); }
.app nav.side h2 { display: none; }
.app nav.side a { padding: .4rem .65rem; border-radius: .4rem; color: var(--ink); text-decoration: none; white-space: nowrap; display: flex; justify-content: space-between; gap: .6rem; }
.app nav.side a:hover { background: var(--panel); }
.app nav.side a[aria-current] { background: var(--accent-soft); font-weight: 600; }
.app nav.side a span { color: var(--soft); font-weight: 400; font-variant-numeric: tabular-nums; }
.app main { padding: 1.25rem 1rem 3rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; align-content: start; min-width: 0; }
@media (min-width: 60rem) {
  .app { grid-template-columns: 14.5rem minmax(0, 1fr); grid-template-rows: auto 1fr; }
  .app .top { grid-column: 1 / -1; }
  .app nav.side { display: grid; align-content: start; overflow: visible; padding: 1rem .75rem; border-bottom: 0; border-inline-end: 1px solid var(--line); }
  .app nav.side h2 { display: block; font-size: .75rem; font-weight: 600; color: var(--soft); padding: .9rem .65rem .25rem; }
  .app nav.side h2:first-child { padding-top: 0; }
  .app main { padding: 1.75rem 2rem 4rem; max-width: 84rem; }
}
.app h1 { font-size: 1.3rem; }
.app h2 { font-size: 1rem; }
.app .crumb { color: var(--soft); font-size: .85rem; text-decoration: none; }
.app .crumb:hover { text-decoration: underline; }
.app code, .app .mono { font: 400 .92em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.app .head { display: flex; flex-wrap: wrap; gap: .35rem .75rem; align-items: center; }
.app .card { padding: 1rem 1.1rem; gap: .8rem; border-radius: .7rem; box-shadow: none; }
.app .cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); align-items: start; }
.app .counts { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); }
.app .count { border: 1px solid var(--line); border-radius: .7rem; padding: .75rem .9rem; color: var(--ink); text-decoration: none; display: grid; }
.app .count:hover { border-color: var(--accent); }
.app .count b { font-size: 1.45rem; font-weight: 650; letter-spacing: -.01em; font-variant-numeric: tabular-nums; line-height: 1.25; }
.app .count span { color: var(--soft); }
.app .two { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
@media (min-width: 82rem) { .app .two { grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); } }
.app .table { border: 1px solid var(--line); border-radius: .7rem; }
.app .table th { padding: .5rem .8rem; background: var(--panel); white-space: nowrap; }
.app .table td { padding: .5rem .8rem; }
.app .table th:last-child, .app .table td:last-child { padding-inline-end: .8rem; }
.app .table td.fit, .app .table th.fit { white-space: nowrap; width: 1%; }
.app .table tbody tr:hover { background: color-mix(in srgb, var(--panel) 60%, transparent); }
.app .table td code { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; display: inline-block; max-width: 22rem; vertical-align: bottom; line-height: 21px; }
.app .two .table td code { max-width: 6.5rem; }
.app .two .table td code.path { max-width: 10.5rem; }
.app .two .table th, .app .two .table td { padding-inline: .6rem; }
.app td .action, .app td .actions, .app .spread > .action { flex-wrap: nowrap; }
.app .table td code.whole, .app .two .table td code.whole { white-space: normal; max-width: 26rem; min-width: 10rem; }
.app .table a { text-decoration: none; }
.app .table a:hover { text-decoration: underline; }
.app .empty { border: 1px dashed var(--field-line); border-radius: .7rem; padding: 1.5rem 1rem; text-align: center; color: var(--soft); }
.app .empty p + p { margin-top: .35rem; }
.app .pages { display: flex; gap: .6rem; align-items: center; justify-content: space-between; }
.app button, .app .button { padding: .45rem .85rem; min-height: 2.25rem; font-size: .92rem; border-radius: .45rem; }
.app .notice { padding: .65rem .9rem; }
.app .action { display: flex; flex-wrap: wrap; gap: .55rem; align-items: end; }
.app .action > label, .app .grid > label { display: grid; gap: .2rem; font-size: .85rem; font-weight: 550; flex: 1 1 8rem; min-width: 0; }
.app .action > button { flex: none; }
.app .grid { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 12.5rem), 1fr)); align-items: end; }
.app .grid > .wide { grid-column: 1 / -1; }
.app .grid > button { justify-self: start; }
.app label small { font-weight: 400; }
.app form label.check { font-weight: 400; display: flex; align-items: center; gap: .5rem; min-height: 2.25rem; }
.app form label.check input { margin: 0; }
.app .filters { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
.app .filters a { padding: .3rem .65rem; border: 1px solid var(--line); border-radius: 99rem; text-decoration: none; color: var(--ink); font-size: .85rem; }
.app .filters a[aria-current] { background: var(--accent-soft); border-color: var(--accent); font-weight: 600; }
.app .facts { gap: .4rem 1rem; }
.app .facts dd { overflow-wrap: anywhere; }
.app .json {
  margin: 0; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--panel); overflow: auto; max-height: 46rem;
  font: 400 12.5px/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; tab-size: 2;
}
.app .json b { font-weight: 400; color: var(--soft); }
.app .json .s { color: var(--good); } .app .json .n { color: var(--warn); } .app .json .k, .app .json .z { color: var(--bad); }
.app .json .n[title] { text-decoration: underline dotted; cursor: help; }
.app .timeline { list-style: none; padding: 0; margin: 0; display: grid; gap: .5rem; }
.app .timeline li { display: flex; flex-wrap: wrap; gap: .15rem .75rem; justify-content: space-between; }
.app .timeline time, .app td time { color: var(--soft); white-space: nowrap; font-variant-numeric: tabular-nums; }
.app .verb { font: 600 .8rem ui-monospace, Menlo, Consolas, monospace; color: var(--soft); }
.app .permissions { display: grid; gap: .3rem 1.25rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
.app .permissions label { display: grid; grid-template-columns: minmax(0, 1fr) 6rem; gap: .5rem; align-items: center; font-size: .85rem; }
.app .permissions select { min-height: 1.9rem; padding: .15rem .4rem; }
.app .foot { grid-column: 1 / -1; border-top: 1px solid var(--line); }
`

/** The page's style sheet. Colours are variables, so that the charts follow the reader's light or dark scheme too. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;
--page:#f6f6f3;--card:#fff;--ink:#1b1f24;--muted:#5b626b;--line:#e4e4de;--line-strong:#9aa0a8;
--accent:#2b5bd7;--second:#0d7a6f;--risk:#c2410c;--silent:#c9c6bd;--good:#0b7a43;--bad:#b3261e;--heat:#2b5bd7;
--shadow:0 1px 2px rgb(20 24 32/.05),0 4px 16px rgb(20 24 32/.04)}
@media (prefers-color-scheme:dark){:root{
--page:#111417;--card:#1a1e23;--ink:#e8eaed;--muted:#a3abb5;--line:#2b3138;--line-strong:#6b737d;
--accent:#7ea6ff;--second:#4fc7b8;--risk:#ff9a62;--silent:#4b525b;--good:#5fd093;--bad:#ff8f86;--heat:#3f6fe0;
--shadow:none}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main,header,footer{max-width:1136px;margin:0 auto;padding:0 16px}
header{padding-top:40px;padding-bottom:8px}
h1,h3,.lead{overflow-wrap:anywhere}
h1{font-size:30px;line-height:1.2;letter-spacing:-.02em;margin:0}
.tagline{font-size:17px;color:var(--muted);margin:4px 0 0}
.badge{display:inline-block;font-size:14px;font-weight:600;border:1px solid currentColor;border-radius:999px;padding:2px 12px;text-decoration:none}
.badge::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:currentColor;margin-right:8px}
.badge.good{color:var(--good)}.badge.warn{color:var(--risk)}.badge.bad{color:var(--bad)}
.troubles{font-size:14px;margin:12px 0;padding-left:20px;overflow-wrap:anywhere}
.sub{color:var(--muted);margin:6px 0 0}
.sub strong{color:var(--ink);font-weight:600}
nav{margin:16px 0 0;display:flex;flex-wrap:wrap;gap:4px 20px;font-size:15px}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:3px}
section{margin:44px 0 0}
section.tiles{margin-top:24px}
h2{font-size:21px;letter-spacing:-.01em;margin:0 0 14px;scroll-margin-top:16px}
h3{font-size:16px;margin:0}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow);padding:20px;margin:0 0 16px;min-width:0}
.columns .card{display:flex;flex-direction:column}
.columns details{margin-top:auto}
.note,.empty p{color:var(--muted);font-size:14px;margin:2px 0 0}
.lead{margin:8px 0 4px}
.columns{display:grid;gap:0 16px;grid-template-columns:minmax(0,1fr)}
.tiles{display:grid;gap:12px;grid-template-columns:repeat(2,minmax(0,1fr))}
.tile{margin:0;padding:16px 16px 0;display:flex;flex-direction:column;overflow:hidden}
.tile h2{font-size:14px;font-weight:600;letter-spacing:0;color:var(--muted);margin:0}
.tile .value{font-size:30px;font-weight:650;letter-spacing:-.02em;line-height:1.25;margin:2px 0 0;font-variant-numeric:tabular-nums}
.tile .note{font-size:13px;margin:0 0 2px}
.change{font-size:13px;font-weight:600;margin:6px 0 14px}
.change.up{color:var(--good)}.change.down{color:var(--bad)}.change.flat{color:var(--muted)}
.change .than{color:var(--muted);font-weight:400}
.spark{display:block;width:calc(100% + 32px);height:36px;margin:auto -16px 0}
.tile:last-child:nth-child(odd){grid-column:1/-1}
.tile>.bar{height:6px;margin:auto 0 20px}
.tile>.note:nth-last-child(2){margin-bottom:12px}
.spark polygon{fill:var(--accent);fill-opacity:.1}
.spark polyline{fill:none;stroke:var(--accent);stroke-width:1.5;vector-effect:non-scaling-stroke}
.legend{font-size:13px;color:var(--muted);margin:8px 0 0}
.key{display:inline-block;width:18px;height:3px;border-radius:2px;background:var(--accent);vertical-align:middle;margin:0 6px 2px 10px}
.key.block{height:10px;width:10px;background:var(--risk)}.key.silent{background:var(--silent)}
.key.second{background:var(--second)}
.key:first-child{margin-left:0}.key.faint{opacity:.4;height:2px}
.entry{display:inline-block;white-space:nowrap;margin-right:10px}
.chart{margin:12px 0 4px}
.chart svg{display:block;width:100%;height:auto;overflow:visible;font-family:inherit;color:var(--muted)}
.plot text{white-space:pre;font-variant-numeric:tabular-nums}
[aria-label$="grid"]{stroke:var(--line);stroke-opacity:1}
.large,.medium{display:none}
.hit rect{fill:var(--ink);fill-opacity:0}
.hit rect:hover{fill-opacity:.12}
.chart:focus-visible{border-radius:6px}
.hit rect.on{fill-opacity:.12}.bars .on,.cells .on{stroke:var(--ink);stroke-width:2}
.bars rect:hover,.bars path:hover,.cells rect:hover,.cells path:hover{stroke:var(--ink);stroke-width:1.5}
details{font-size:14px;margin-top:8px}
summary{color:var(--muted);cursor:pointer;width:fit-content;border-radius:4px}
summary:hover{color:var(--ink)}
.scroll{overflow-x:auto;margin-top:10px;max-height:420px;overflow-y:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:7px 10px 7px 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
tr:last-child>*{border-bottom:0}
thead th{font-size:13px;color:var(--muted);font-weight:600;position:sticky;top:0;background:var(--card)}
tbody th{font-weight:500}
.even{table-layout:fixed}
.number{text-align:right;padding-right:0;padding-left:12px}
.bar{display:block;height:4px;border-radius:2px;margin-top:4px;background:var(--line);position:relative}
.bar::after{content:"";position:absolute;inset:0 auto 0 0;width:var(--share);border-radius:2px;background:var(--accent)}
.bar.risk::after{background:var(--risk)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
#tip{position:fixed;z-index:9;left:0;top:0;pointer-events:none;background:var(--ink);color:var(--page);font-size:13px;line-height:1.4;padding:7px 10px;border-radius:7px;white-space:pre-line;max-width:260px;box-shadow:0 4px 14px rgb(0 0 0/.25)}
#tip::first-line{font-weight:650}
#tip[hidden]{display:none}
footer{color:var(--muted);font-size:14px;padding-top:28px;padding-bottom:48px}
@media (min-width:560px){.small{display:none}.medium{display:block}.tiles{grid-template-columns:repeat(6,minmax(0,1fr))}.tile{grid-column:span 2}.tile:nth-child(n+4),.tile:last-child:nth-child(odd):nth-child(n+4){grid-column:span 3}main,header,footer{padding-left:24px;padding-right:24px}.card{padding:22px 24px}.tile{padding:16px 18px 0}.spark{width:calc(100% + 36px);margin:auto -18px 0}}
@media (min-width:980px){.medium{display:none}.large{display:block}.columns{grid-template-columns:repeat(2,minmax(0,1fr))}.tiles{grid-template-columns:none;grid-auto-columns:minmax(0,1fr);grid-auto-flow:column}.tile.tile.tile:nth-child(n){grid-column:auto}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--muted:#444;--shadow:none}
body{font-size:13px;-webkit-print-color-adjust:exact;print-color-adjust:exact}nav,details,#tip{display:none}
.card,.tile{break-inside:avoid;box-shadow:none}h2,h3{break-after:avoid}section{margin-top:24px}
.large,.small{display:none}.medium{display:block}.columns{grid-template-columns:minmax(0,1fr)}.scroll{max-height:none;overflow:visible}}
`;

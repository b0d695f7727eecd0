import { createHash } from 'node:crypto';
import { drawing } from './drawing.js';
import { count, day } from './format.js';
import { html, trusted } from './html.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import type { ReportInput } from './report-input.js';
import { activity } from './sections/activity.js';
import { churn } from './sections/churn.js';
import { features } from './sections/features.js';
import { kpis } from './sections/kpis.js';
import { load, verdict } from './sections/load.js';
import { newUsers } from './sections/new-users.js';
import { plans } from './sections/plans.js';
import { segments } from './sections/segments.js';

/**
 * Draws the report as one HTML page that needs nothing else: no request, and a content security policy that allows none.
 * The same input gives the same page.
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const empty = input.daily.length === 0 && input.totals.users === 0;
  const scriptHash = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${input.title}${input.asOf === '' ? null : ` · ${day(input.asOf)}`}</title>
<link rel="icon" href="data:,">
<style>${trusted(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>${input.title}</h1>${input.subtitle === undefined ? null : html`<p class="tagline">${input.subtitle}</p>`}
${empty ? null : subtitle(input)}
</header>
<main>
${empty ? nothing() : await content(input)}
</main>
<footer><p>Days and weeks are in UTC, weeks are ISO weeks. Made by upsql from the project's marts.</p></footer>
<div id="tip" role="status" hidden></div>
<script>${trusted(PAGE_SCRIPT)}</script>
</body>
</html>
`;
  return page.markup;
}

function subtitle({ asOf, daily, totals, load: outcomes, build }: ReportInput) {
  const first = daily[0];
  return html`<p class="sub">As of <strong>${day(asOf)}</strong> · ${count(totals.users)} users, ${count(totals.activeUsers)} of them ever active · ${count(totals.events)} events${first === undefined ? null : ` since ${day(first.date)}`}</p>${badge(build)}
<nav aria-label="Sections"><a href="#activity">Activity</a><a href="#churn">Churn outlook</a><a href="#segments">Segments</a><a href="#features">Features</a><a href="#new-users">New users</a><a href="#plans">Plans</a>${outcomes.length === 0 && build === undefined ? null : html`<a href="#load">Data quality</a>`}</nav>`;
}

/** Whether the tables can be trusted, with the way to the details. */
function badge(build: ReportInput['build']) {
  if (build === undefined) return null;
  const { tone, text } = verdict(build);
  return html`<p class="sub"><a class="badge ${tone}" href="#load">${text}</a></p>`;
}

async function content(input: ReportInput) {
  const kit = await drawing();
  return html`${kpis(input)}
${activity(input, kit)}
${churn(input, kit)}
${segments(input, kit)}
${features(input, kit)}
${newUsers(input, kit)}
${plans(input, kit)}
${load(input)}`;
}

function nothing() {
  return html`<section><div class="card empty"><h2>Nothing to show yet</h2>
<p>The marts hold no users and no events. Load events (or make some with <code>upsql simulate</code>), run <code>upsql build</code>, and write the report again.</p></div></section>`;
}

import { h } from './dom.js';
import { lineageView, neighbourhood } from './lineage.js';
import { columnsOf, KINDS, linkOf, testWords, titleOf } from './project.js';
import { codeBlock, markdown } from './text.js';

const number = (value) => Number(value).toLocaleString('en-US');
const kindWord = (node) => node.resource_type.replaceAll('_', ' ');

export function badge(text, kind = '') {
  return h('span', { class: `badge ${kind}` }, text);
}

/** What the project has, and its whole lineage. */
export function overviewPage(project) {
  const counts = Object.entries(KINDS)
    .map(([kind, label]) => [
      kind,
      label,
      [...project.all.values()].filter((node) => node.resource_type === kind).length,
    ])
    .filter(([, , count]) => count > 0);
  const { generated_at, adapter_type, dbt_version } = project.metadata;
  const members = new Set([...project.all.keys()].filter((id) => project.isInLineage(id)));
  return h(
    'article',
    {},
    h('header', { class: 'head' }, h('h1', {}, project.name)),
    h(
      'ul',
      { class: 'counts' },
      counts.map(([kind, label, count]) =>
        h('li', {}, h('strong', {}, number(count)), ' ', count === 1 ? kind.replaceAll('_', ' ') : label.toLowerCase()),
      ),
    ),
    project.overview.trim() === '' ? null : h('section', { class: 'card' }, markdown(project.overview)),
    section('Lineage', h('div', { class: 'card flush' }, lineageView(project, members))),
    h(
      'p',
      { class: 'note' },
      `Made ${generated_at.slice(0, 16).replace('T', ' ')} UTC for ${adapter_type}; manifest of dbt ${dbt_version}.`,
      project.hasCatalog
        ? ''
        : ' There is no catalog: run upsql docs generate to see columns as the warehouse has them.',
    ),
  );
}

export function missingPage(what) {
  return h(
    'article',
    {},
    h('h1', {}, 'Not here'),
    h('p', {}, `This project has no ${what}.`),
    h('p', {}, h('a', { href: '#!/overview' }, 'To the overview')),
  );
}

/** Everything on one node. */
export function nodePage(project, node) {
  const table = project.table(node.unique_id);
  const tests = project.tests(node.unique_id);
  const parts = [
    heading(node, table),
    node.description
      ? h('section', { class: 'card description' }, markdown(node.description))
      : h('p', { class: 'note' }, 'No description yet.'),
    facts(node, table),
    node.resource_type === 'macro' ? argumentsOf(node) : columnsSection(node, table, tests),
    testsSection(tests),
    project.isInLineage(node.unique_id) ? lineageSection(project, node) : null,
    relatives(project, 'Reads', project.parents(node.unique_id)),
    relatives(project, 'Read by', project.children(node.unique_id)),
    codeSection(node),
  ];
  return h('article', {}, parts);
}

function section(title, ...children) {
  return h('section', {}, h('h2', {}, title), children);
}

function heading(node, table) {
  const { config = {} } = node;
  const kind = table?.metadata.type === undefined ? config.materialized : table.metadata.type.toLowerCase();
  const tags = node.tags ?? [];
  return h(
    'header',
    { class: 'head' },
    h('p', { class: 'path' }, [node.package_name, ...(node.fqn ?? []).slice(1, -1)].join(' / ')),
    h('h1', {}, titleOf(node)),
    h(
      'p',
      { class: 'badges' },
      badge(kindWord(node), node.resource_type),
      config.materialized && node.resource_type !== 'test' ? badge(config.materialized) : null,
      kind && kind !== config.materialized && kind !== 'base table' ? badge(kind) : null,
      node.access && node.access !== 'protected' ? badge(node.access) : null,
      node.contract?.enforced ? badge('contract') : null,
      tags.map((tag) => badge(`#${tag}`, 'tag')),
    ),
  );
}

function facts(node, table) {
  const stats = Object.values(table?.stats ?? {}).filter((stat) => stat.include);
  const owner = node.owner
    ? [node.owner.name, node.owner.email].flat().filter(Boolean).join(', ')
    : table?.metadata.owner;
  const rows = [
    ['Relation', node.relation_name ? h('code', {}, node.relation_name) : null],
    ...stats.map((stat) => [stat.label, typeof stat.value === 'number' ? number(stat.value) : String(stat.value)]),
    ['File', h('code', {}, node.original_file_path)],
    ['Type', node.resource_type === 'exposure' || node.resource_type === 'metric' ? node.type : null],
    ['Owner', owner || null],
    ['Maturity', node.maturity],
    ['Link', node.url ? h('a', { href: node.url, rel: 'noreferrer' }, node.url) : null],
    ['Group', node.group],
    ['Version', node.version],
    ['Loader', node.loader || null],
    ['Freshness', freshnessWords(node)],
    ['Meta', Object.keys(node.meta ?? {}).length > 0 ? h('code', {}, JSON.stringify(node.meta)) : null],
  ].filter(([, value]) => value !== null && value !== undefined && value !== '');
  return h(
    'section',
    { class: 'card' },
    h(
      'dl',
      { class: 'facts' },
      rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
  );
}

function freshnessWords(node) {
  const words = ['warn_after', 'error_after'].flatMap((key) => {
    const bound = node.freshness?.[key];
    return bound?.count
      ? [`${key.replace('_after', '')} after ${bound.count} ${bound.period}${bound.count === 1 ? '' : 's'}`]
      : [];
  });
  return words.length === 0 ? null : words.join(', ');
}

function columnsSection(node, table, tests) {
  const columns = columnsOf(node, table);
  if (columns.length === 0) return null;
  const ofColumn = (name) => tests.filter((test) => test.column_name?.toLowerCase() === name.toLowerCase());
  const row = (column) =>
    h(
      'tr',
      {},
      h(
        'th',
        { scope: 'row' },
        h('code', {}, column.name),
        column.tags.map((tag) => badge(`#${tag}`, 'tag')),
      ),
      h('td', { class: 'type' }, column.type.toLowerCase()),
      h('td', {}, column.description ? markdown(column.description) : h('span', { class: 'none' }, '–')),
      h(
        'td',
        {},
        ofColumn(column.name).map((test) =>
          h('a', { class: 'badge test', href: linkOf(test), title: test.name }, testWords(test)),
        ),
      ),
    );
  return section(
    `Columns (${columns.length})`,
    h(
      'div',
      { class: 'card flush scroll' },
      h(
        'table',
        { class: 'columns' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Name', 'Type', 'Description', 'Tests'].map((name) => h('th', { scope: 'col' }, name)),
          ),
        ),
        h('tbody', {}, columns.map(row)),
      ),
    ),
  );
}

function argumentsOf(node) {
  if (!node.arguments?.length) return null;
  const row = (argument) =>
    h(
      'div',
      {},
      h('dt', {}, h('code', {}, argument.name), ' ', argument.type ?? ''),
      h('dd', {}, argument.description ?? ''),
    );
  return section('Arguments', h('div', { class: 'card' }, h('dl', { class: 'facts' }, node.arguments.map(row))));
}

function testsSection(tests) {
  const own = tests.filter((test) => !test.column_name);
  if (own.length === 0) return null;
  return section(
    'Tests',
    h(
      'ul',
      { class: 'list card' },
      own.map((test) =>
        h('li', {}, h('a', { href: linkOf(test) }, testWords(test)), ' ', h('span', { class: 'note' }, kindWord(test))),
      ),
    ),
  );
}

const REACHES = [
  ['1 step', 1],
  ['2 steps', 2],
  ['all', 1000],
];

function lineageSection(project, node) {
  const focus = new Set([node.unique_id]);
  const holder = h('div', { class: 'card flush' });
  const buttons = REACHES.map(([label, steps]) => h('button', { type: 'button', onclick: () => show(steps) }, label));
  const show = (steps) => {
    for (const [i, button] of buttons.entries()) button.setAttribute('aria-pressed', String(REACHES[i][1] === steps));
    holder.replaceChildren(lineageView(project, neighbourhood(project, [node.unique_id], steps, steps), focus));
  };
  show(1);
  return h(
    'section',
    {},
    h(
      'div',
      { class: 'title' },
      h('h2', {}, 'Lineage'),
      h('div', { class: 'choice', role: 'group', 'aria-label': 'How far' }, buttons),
    ),
    holder,
  );
}

function relatives(project, title, ids) {
  const nodes = [...new Set(ids)]
    .map((id) => project.all.get(id))
    .filter((node) => node.resource_type !== 'test' && node.resource_type !== 'unit_test');
  if (nodes.length === 0) return null;
  const entry = (node) =>
    h('li', {}, h('a', { href: linkOf(node) }, titleOf(node)), ' ', h('span', { class: 'note' }, kindWord(node)));
  return section(title, h('ul', { class: 'list card' }, nodes.map(entry)));
}

function codeSection(node) {
  const texts = [
    ['Source', node.raw_code ?? node.macro_sql],
    // TypeScript is run as it stands.
    ['Compiled', node.language === 'sql' ? node.compiled_code : null],
  ].filter(([, text]) => typeof text === 'string' && text.trim() !== '');
  if (texts.length === 0) return null;
  const holder = h('div', {});
  const buttons = texts.map(([label], i) => h('button', { type: 'button', onclick: () => show(i) }, label));
  const show = (chosen) => {
    for (const [i, button] of buttons.entries()) button.setAttribute('aria-pressed', String(i === chosen));
    holder.replaceChildren(codeBlock(texts[chosen][1].replace(/^\n+|\s+$/g, '')));
  };
  show(0);
  return h(
    'section',
    {},
    h(
      'div',
      { class: 'title' },
      h('h2', {}, 'Code'),
      h('div', { class: 'choice', role: 'group', 'aria-label': 'Which text' }, buttons),
    ),
    holder,
  );
}

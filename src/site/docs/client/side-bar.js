import { h } from './dom.js';
import { KINDS, linkOf, titleOf } from './project.js';
import { createSearch } from './search.js';

const MOST_RESULTS = 60;

/** The list of everything with the search above it. `update(id)` marks the node that is shown. */
export function sideBar(project) {
  const find = createSearch(project);
  const tree = h(
    'div',
    { class: 'tree' },
    Object.entries(KINDS).map(([kind, label]) => group(project, kind, label)),
  );
  const results = h('ul', { class: 'results', hidden: true });
  const input = h('input', {
    type: 'search',
    placeholder: 'Search',
    'aria-label': 'Search names, columns, tags and descriptions',
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => search(),
    onkeydown: (event) => onKey(event),
  });
  let shown = '';
  const search = () => {
    const query = input.value.trim();
    results.hidden = query === '';
    tree.hidden = query !== '';
    const found = query === '' ? [] : find(query);
    const entries = found.slice(0, MOST_RESULTS).map(({ node, why }) => entry(node, node.unique_id === shown, why));
    if (query !== '' && entries.length === 0) entries.push(h('li', { class: 'note' }, 'Nothing found.'));
    if (found.length > MOST_RESULTS) entries.push(h('li', { class: 'note' }, `… ${found.length - MOST_RESULTS} more`));
    results.replaceChildren(...entries);
  };
  const onKey = (event) => {
    if (event.key === 'Escape') {
      input.value = '';
      search();
    }
    const links = [...results.querySelectorAll('a')];
    if (event.key === 'Enter' && links.length > 0) links[0].click();
    if (event.key === 'ArrowDown' && links.length > 0) {
      event.preventDefault();
      links[0].focus();
    }
  };
  results.addEventListener('keydown', (event) => {
    const links = [...results.querySelectorAll('a')];
    const at = links.indexOf(document.activeElement);
    if (event.key === 'ArrowDown') links[at + 1]?.focus();
    else if (event.key === 'ArrowUp') (links[at - 1] ?? input).focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    document.body.classList.add('open');
    input.focus();
  });
  const element = h(
    'nav',
    { class: 'side', id: 'side', 'aria-label': 'Project' },
    h('div', { class: 'search' }, input, h('kbd', {}, '/')),
    results,
    tree,
  );
  return {
    element,
    update(id) {
      shown = id;
      for (const link of element.querySelectorAll('a[data-id]')) {
        const isShown = link.getAttribute('data-id') === id;
        if (isShown) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
        if (!isShown) continue;
        for (let up = link.parentElement; up !== null; up = up.parentElement)
          if (up.tagName === 'DETAILS') up.open = true;
        link.scrollIntoView({ block: 'nearest' });
      }
    },
  };
}

function entry(node, isShown, why = '') {
  return h(
    'li',
    {},
    h(
      'a',
      { href: linkOf(node), 'data-id': node.unique_id, 'aria-current': isShown ? 'page' : null },
      h('span', { class: `dot ${node.resource_type}` }),
      h('span', { class: 'label' }, titleOf(node)),
      why === '' ? null : h('span', { class: 'why' }, why),
    ),
  );
}

function group(project, kind, label) {
  const nodes = project.listed.filter((node) => node.resource_type === kind);
  if (nodes.length === 0) return null;
  const folders = new Map();
  for (const node of nodes) {
    const folder = folderOf(project, node);
    folders.set(folder, [...(folders.get(folder) ?? []), node]);
  }
  const byTitle = (a, b) => (titleOf(a) < titleOf(b) ? -1 : 1);
  const lists = [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([folder, members]) => {
      const list = h(
        'ul',
        {},
        members.sort(byTitle).map((node) => entry(node, false)),
      );
      return folders.size === 1 || folder === ''
        ? list
        : h('details', { open: true, class: 'folder' }, h('summary', {}, folder), list);
    });
  const isOpen = kind !== 'macro' && kind !== 'test' && kind !== 'unit_test';
  return h(
    'details',
    { open: isOpen, class: 'kind' },
    h('summary', {}, label, h('span', { class: 'count' }, String(nodes.length))),
    lists,
  );
}

function folderOf(project, node) {
  const own = node.package_name === project.name ? [] : [node.package_name];
  if (node.resource_type === 'source') return [...own, node.source_name].join(' / ');
  if (node.resource_type === 'model') return [...own, ...(node.fqn ?? []).slice(1, -1)].join(' / ');
  return own.join('');
}

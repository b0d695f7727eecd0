import { h } from './dom.js';
import { missingPage, nodePage, overviewPage } from './pages.js';
import { readProject } from './project.js';
import { sideBar } from './side-bar.js';

const THEMES = ['auto', 'light', 'dark'];

/** The artifacts: put into the page itself, or beside it. */
async function load() {
  const inside = document.getElementById('artifacts');
  if (inside !== null) return JSON.parse(inside.textContent);
  const read = async (name) => {
    const answer = await fetch(name, { cache: 'no-cache' });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
    return answer.json();
  };
  const manifest = await read('manifest.json');
  // Without a catalog there is still much to show.
  return { manifest, catalog: await read('catalog.json').catch(() => null) };
}

function themeButton() {
  let theme = localStorage.getItem('theme') ?? 'auto';
  const button = h('button', { type: 'button', class: 'theme' });
  const show = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = { auto: '◐', light: '☀', dark: '☾' }[theme];
    button.title = `Colours: ${theme}`;
    button.setAttribute('aria-label', button.title);
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem('theme', theme);
    show();
  });
  show();
  return button;
}

function start(project) {
  const side = sideBar(project);
  const main = h('main', { id: 'main', tabindex: '-1' });
  const menu = h('button', { type: 'button', class: 'menu', 'aria-controls': 'side', onclick: () => toggle() }, 'Menu');
  const toggle = (open = !document.body.classList.contains('open')) => {
    document.body.classList.toggle('open', open);
    menu.setAttribute('aria-expanded', String(open));
  };
  const bar = h(
    'header',
    { class: 'bar' },
    menu,
    h('a', { class: 'brand', href: '#!/overview' }, project.name),
    h('span', { class: 'what' }, 'docs'),
    themeButton(),
  );
  document.body.replaceChildren(bar, h('div', { class: 'frame' }, side.element, main));
  const route = () => {
    const [, kind, id = ''] = /^#!\/([^/]+)\/?(.*)$/.exec(location.hash) ?? ['', 'overview'];
    const uniqueId = decodeURIComponent(id);
    const node = project.all.get(uniqueId);
    const page =
      kind === 'overview'
        ? overviewPage(project)
        : node === undefined
          ? missingPage(uniqueId || kind)
          : nodePage(project, node);
    main.replaceChildren(page);
    document.title = kind === 'overview' ? project.name : `${page.querySelector('h1')?.textContent} · ${project.name}`;
    toggle(false);
    side.update(uniqueId);
    scrollTo(0, 0);
  };
  addEventListener('hashchange', route);
  addEventListener('keydown', (event) => event.key === 'Escape' && toggle(false));
  main.addEventListener('click', () => toggle(false));
  route();
}

load().then(
  ({ manifest, catalog }) => start(readProject(manifest, catalog)),
  (error) => {
    document.body.replaceChildren(
      h(
        'main',
        { class: 'failed' },
        h('h1', {}, 'The documentation can’t be shown'),
        h('p', {}, String(error.message ?? error)),
        h(
          'p',
          {},
          'A browser reads no files beside a page that is itself a file: use ',
          h('code', {}, 'upsql docs serve'),
          ', or a page of ',
          h('code', {}, 'upsql docs generate --static'),
          '.',
        ),
      ),
    );
  },
);

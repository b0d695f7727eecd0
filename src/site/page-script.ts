/**
 * The page's script: shows a mark's <title> as a tooltip at the pointer, at once and in the page's style, and at the mark that arrow keys
 * choose in a chart with the focus. Without it the browser shows the same titles in its own way.
 */
export const PAGE_SCRIPT = `
(() => {
  const tip = document.getElementById('tip');
  for (const title of document.querySelectorAll('.chart svg title')) {
    title.parentNode.setAttribute('data-tip', title.textContent);
    title.remove();
  }
  const hide = () => { tip.hidden = true; };
  const show = (event) => {
    const mark = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    if (mark === null) return hide();
    tip.textContent = mark.getAttribute('data-tip');
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, event.clientX - width / 2), document.documentElement.clientWidth - width - 8);
    const above = event.clientY - height - 14;
    tip.style.transform = 'translate(' + left + 'px,' + (above < 8 ? event.clientY + 18 : above) + 'px)';
  };
  const at = (mark) => {
    for (const on of document.querySelectorAll('.on')) on.classList.remove('on');
    mark.classList.add('on');
    const { left, width, top } = mark.getBoundingClientRect();
    show({ target: mark, clientX: left + width / 2, clientY: Math.max(top, 90) });
  };
  // With the keyboard: tab to a chart, then arrows from mark to mark.
  for (const chart of document.querySelectorAll('.chart')) {
    const marks = () => [...chart.querySelectorAll('[data-tip]')].filter((mark) => mark.getClientRects().length > 0);
    if (chart.querySelector('[data-tip]') === null) continue;
    chart.tabIndex = 0;
    let place = -1;
    chart.addEventListener('keydown', (event) => {
      const all = marks();
      const last = all.length - 1;
      const back = place < 0 ? last : place - 1;
      const goes = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: back, ArrowUp: back, Home: 0, End: last };
      if (!Object.hasOwn(goes, event.key) || all.length === 0) return;
      event.preventDefault();
      place = Math.min(Math.max(0, goes[event.key]), last);
      at(all[place]);
    });
    chart.addEventListener('blur', () => {
      place = -1;
      for (const on of chart.querySelectorAll('.on')) on.classList.remove('on');
      hide();
    });
  }
  document.addEventListener('pointermove', show);
  document.addEventListener('pointerdown', show);
  document.addEventListener('scroll', hide, true);
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
})();
`;

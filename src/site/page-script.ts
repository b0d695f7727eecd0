/**
 * The page's script: shows a mark's <title> as a tooltip at the pointer, at once and in the page's style. Without it the
 * browser shows the same titles in its own way.
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
  document.addEventListener('pointermove', show);
  document.addEventListener('pointerdown', show);
  document.addEventListener('scroll', hide, true);
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
})();
`;

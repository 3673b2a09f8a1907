/** The way to the page How it works, with the rules of the lanes on show open. */

/**
 * @param {HTMLAnchorElement} link
 * @param {() => Identity[]} onShow
 */
export function createHowLink(link, onShow) {
  const address = link.href;
  for (const press of /** @type {const} */ (['click', 'auxclick']))
    link.addEventListener(press, () => {
      const rules = new Set(onShow().map(({ optimizer }) => optimizer));
      link.href = rules.size > 0 ? `${address}?rules=${[...rules].join(',')}` : address;
    });
}

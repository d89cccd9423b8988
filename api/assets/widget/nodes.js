// Nodes, made without any markup.

const ICONS = {
  CAROUSEL_ALBUM: 'M8 4h9a3 3 0 0 1 3 3v9M4 10a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z',
  out: 'M14 5h5v5M19 5l-8 8M17 14v4a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1h4',
  previous: 'M15 5l-7 7 7 7', next: 'M9 5l7 7-7 7',
  camera: 'M8 4h8a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4zM12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM16.8 7.2v0',
  VIDEO: 'M9 6.5v11l8.5-5.5z',
};

let sheet;

// A constructed sheet is script's own, so a strict style-src lets it be. Where there is none, a tag with the script's nonce.
function dress(root) {
  try {
    if (!sheet) { sheet = new CSSStyleSheet(); sheet.replaceSync(CSS); }
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style');
    if (SCRIPT && SCRIPT.nonce) style.nonce = SCRIPT.nonce;
    style.textContent = CSS;
    root.prepend(style);
  }
}

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value != null && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child != null));
  return node;
}

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

// The only way for an address from the service into the page.
function web(address) {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

const hidden = text => el('span', {class: 'hide'}, text);

// A link that says where it opens: to those who cannot see it, too.
const out = (words, href, attributes, ...children) =>
  el('a', {href, target: '_blank', rel: 'noopener noreferrer', ...attributes}, ...children, attributes['aria-label'] ? null : hidden(' ' + words.tab));

// One post, and what stands above them all.

function article(item, {words, lang, told, account}) {
  const children = (Array.isArray(item.children) ? item.children : item.children && item.children.data || []).filter(Boolean);
  const type = item.media_type || (children.length ? 'CAROUSEL_ALBUM' : 'IMAGE');
  const owner = item.username || account && account.username;
  const kind = words[type] || words.IMAGE;
  const title = owner ? fill(words.by, kind, '@' + owner) : kind;
  const caption = typeof item.caption === 'string' ? item.caption.trim().replace(/\s*\n\s*/g, '\n') : ''; // few lines are shown: none is empty
  // Where the caption is read anyway, it is not read twice.
  const short = told ? '' : caption.length > 160 ? caption.slice(0, 159) + '…' : caption;
  const post = {words, title, caption, told, type: ICONS[type] ? type : 'IMAGE', link: web(item.permalink), alt: item.alt_text || short || title};
  const tile = el('div', {class: 'tile'});
  if (type === 'CAROUSEL_ALBUM' && children.length > 1) tile.append(...album(children, post));
  else if (type === 'CAROUSEL_ALBUM' && children.length === 1) tile.append(media({...children[0], alt_text: children[0].alt_text || item.alt_text}, post));
  else tile.append(media(item, post));
  corner(tile, post);
  return el('article', {'data-id': item.id, 'data-type': type, 'aria-label': title}, tile,
    told ? el('div', {class: 'text'}, el('p', {dir: 'auto'}, caption), date(item.timestamp, lang)) : null);
}

// What is seen of a post. Its files have new addresses at every fetch, which are the old ones but for their signatures.
const looks = item => JSON.stringify(item, (name, value) =>
  name === 'like_count' || name === 'comments_count' ? null : /_url$/.test(name) && value ? value.split('?')[0] : value);

// What has not come yet, or could not, may come from a newer address.
const isWhole = node => !node.querySelector('.card') && [...node.querySelectorAll('img')].every(img => img.complete || img.closest('[inert]'));

function date(timestamp, lang) {
  const time = new Date(timestamp || NaN);
  return Number.isNaN(+time) ? null : el('time', {class: 'when', datetime: time.toISOString()},
    time.toLocaleDateString(lang, {day: 'numeric', month: 'long', year: 'numeric'}));
}

function ago(time, lang) {
  const s = Math.min((time - Date.now()) / 1000, -1);
  const [size, unit] = [[86_400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']].find(([size]) => -s >= size);
  return new Intl.RelativeTimeFormat(lang, {numeric: 'auto'}).format(Math.round(s / size), unit);
}

// A note about age has its place whether there is one or not, so that it moves nothing.
function header(top, key, account, age, words, none) {
  if (none || (!account && key[0] !== '#')) {
    top.replaceChildren(...age ? [el('p', {class: 'age'}, age)] : []);
    return;
  }
  const handle = account && account.username ? '@' + account.username : key;
  const name = account && account.name || handle;
  const address = account && web(account.profile_picture_url);
  const sub = [name === handle ? '' : handle, age].filter(Boolean).join(' · ') || 'Instagram';
  const before = top.querySelector('header[data-name]');
  const mark = JSON.stringify([name, handle, address && address.split('?')[0]]);
  if (before && before.dataset.name === mark) {
    const line = before.querySelector('.sub');
    if (line.textContent !== sub) line.textContent = sub;
    return;
  }
  const letter = el('span', {class: 'face', 'aria-hidden': 'true'}, [...handle.replace(/^@/, '')][0] || '');
  let face = letter;
  if (address) {
    face = picture({class: 'face', alt: '', width: 44, height: 44, loading: 'eager'});
    face.addEventListener('error', () => face.replaceWith(letter), {once: true});
    face.src = address;
  }
  top.replaceChildren(el('header', {'data-name': mark}, out(words, profile(handle), {}, face,
    el('span', {class: 'lines'}, el('span', {class: 'name'}, name), el('span', {class: 'sub'}, sub)))));
}

// Where Instagram shows an account or a hashtag; nothing for what is no name.
function profile(key) {
  const place = /^@[\w.]{1,30}$/.test(key) ? key.slice(1) : /^#[^\s/?#]+$/.test(key) ? 'explore/tags/' + encodeURIComponent(key.slice(1)) : '';
  return place && `https://www.instagram.com/${place}/`;
}

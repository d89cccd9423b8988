// Pictures and films, none of which is ever seen broken: the file, else its cover, else a card with a link.

const SIZE = 640; // a hint for those that draw before the style is there; the frame's own ratio decides

const picture = attributes => el('img', {width: SIZE, height: SIZE, loading: 'lazy', decoding: 'async', referrerpolicy: 'no-referrer', ...attributes});

function media(item, post) {
  const file = web(item.media_url);
  const cover = web(item.thumbnail_url);
  if (item.media_type !== 'VIDEO') return still([file, cover], item, post);
  return file ? film(file, cover, item, post) : still([cover], item, post);
}

// Tries each address in turn. The frame is there before the picture, so that nothing moves when it comes.
function still(addresses, item, post) {
  const left = addresses.filter(Boolean);
  const alt = item.alt_text || post.alt;
  if (!left.length) return card(post, alt);
  const img = picture({class: 'fill', alt});
  const frame = post.link && !post.inside ? out(post.words, post.link, {class: 'fill'}, img) : el('div', {class: 'fill'}, img);
  img.addEventListener('error', () => {
    if (left.length) img.src = left.shift();
    else replace(frame, card(post, alt), post);
  });
  img.src = left.shift();
  return frame;
}

// Covers of films cannot be lazy by themselves, and those that are not to be had would leave a hole.
const near = new IntersectionObserver(entries => {
  for (const {isIntersecting, target} of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    const {cover} = target.dataset;
    const first = () => { target.preload = 'metadata'; };
    if (!cover) { first(); continue; }
    const probe = new Image();
    probe.referrerPolicy = 'no-referrer';
    probe.onload = () => { target.poster = cover; };
    probe.onerror = first;
    probe.src = cover;
  }
}, {rootMargin: '400px', scrollMargin: '400px'});

// A cover and one large button; the browser's own controls come when it plays.
function film(file, cover, item, post) {
  const alt = item.alt_text || post.alt;
  const video = el('video', {class: 'fill', width: SIZE, height: SIZE, playsinline: true, preload: 'none', 'aria-label': alt, 'data-cover': cover});
  const play = el('button', {type: 'button', class: 'fill play', 'aria-label': fill(post.words.play, alt)}, icon('VIDEO'));
  const frame = el('div', {class: 'fill'}, video, play);
  play.addEventListener('click', () => {
    video.controls = true;
    video.focus();
    play.remove();
    video.play().catch(() => {});
  });
  video.addEventListener('error', () => replace(frame, still([cover], item, post), post), {once: true});
  video.src = file;
  near.observe(video);
  return frame;
}

// Whoever was there with the keyboard stays there.
function replace(old, node, post) {
  const tile = old.closest('.tile');
  const focused = old.matches(':focus-within');
  old.replaceWith(node);
  const link = focused && (node.matches('a') ? node : node.querySelector('a'));
  if (link) link.focus();
  if (tile) corner(tile, post);
}

// The corner leads to Instagram where the picture itself does not; else it says what kind of post it is.
function corner(tile, {words, link, type}) {
  const old = tile.querySelector('.mark');
  const moves = tile.querySelector('video,.track');
  if (link && moves) {
    if (!old) tile.append(out(words, link, {class: 'mark', 'aria-label': words.view + ' ' + words.tab}, icon('out')));
    return;
  }
  if (old) old.remove();
  if (type !== 'IMAGE' && !moves && !tile.querySelector('.card')) tile.append(el('span', {class: 'mark', 'aria-hidden': 'true'}, icon(type)));
}

// Where the caption stands below the tile anyway, the card does not repeat it. Within an album there is no room for words.
function card({words, title, caption, told, link, inside}, alt) {
  if (inside) return el('div', {class: 'card fill', role: 'img', 'aria-label': alt}, icon('camera'));
  return el('div', {class: 'card fill'}, el('p', {dir: 'auto'}, !told && caption || title), link ? out(words, link, {}, words.view) : null);
}

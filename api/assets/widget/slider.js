// Rows that scroll and snap: swipe is the browser's, buttons and keys are ours.

const DOTS = 8; // more than these are a number instead

// `moved` hears which cell comes first, how many are in sight, and whether a person has moved them.
function slider(track, words, moved) {
  let now = 0;
  let settle;
  const step = () => {
    const [first, second] = track.children;
    return second && Math.abs(second.offsetLeft - first.offsetLeft) || track.clientWidth || 1;
  };
  const spare = () => track.scrollWidth - track.clientWidth;
  const last = () => Math.max(0, Math.ceil(spare() / step() - .02));
  const ahead = () => getComputedStyle(track).direction === 'rtl' ? -1 : 1;
  const sight = () => {
    const [first] = track.children;
    return Math.max(1, Math.floor((track.clientWidth + step() - (first ? first.offsetWidth : 0)) / step() + .02));
  };

  function mark(byHand) {
    previous.setAttribute('aria-disabled', String(now <= 0));
    next.setAttribute('aria-disabled', String(now >= last()));
    moved(now, sight(), byHand);
  }

  function go(to) {
    now = Math.min(Math.max(to, 0), last());
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    track.scrollTo({left: ahead() * Math.min(now * step(), spare()), behavior: calm ? 'auto' : 'smooth'});
    mark(true);
  }

  const button = (name, by) => {
    const node = el('button', {type: 'button', class: 'step ' + name, 'aria-label': words[name], 'aria-disabled': String(by < 0)}, icon(name));
    node.addEventListener('click', () => go(now + by * sight()));
    return node;
  };
  const previous = button('previous', -1);
  const next = button('next', 1);

  track.addEventListener('scroll', () => {
    clearTimeout(settle);
    settle = setTimeout(() => {
      const left = Math.abs(track.scrollLeft);
      const at = left >= spare() - 2 ? last() : Math.round(left / step());
      if (at !== now) { now = at; mark(true); }
    }, 120);
  }, {passive: true});
  track.addEventListener('keydown', event => {
    if (event.target !== track) return; // a film has arrow keys of its own
    const to = {ArrowRight: now + ahead(), ArrowLeft: now - ahead(), Home: 0, End: Infinity}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  // Where it has no size yet, nothing can be said of it.
  new ResizeObserver(() => mark(false)).observe(track);
  return [previous, next];
}

// The pictures of one post.
function album(children, post) {
  const {words, title} = post;
  const count = children.length;
  const slides = children.map((child, i) => {
    const place = fill(words.place, i + 1, count);
    const alt = child.alt_text || `${post.alt} (${place})`;
    const slide = el('div', {class: 'slide', role: 'group', 'aria-roledescription': words.slide, 'aria-label': place},
      media({...child, alt_text: alt}, {...post, inside: true}));
    slide.inert = i > 0;
    return slide;
  });
  const track = el('div', {class: 'track fill', tabindex: 0, role: 'group', 'aria-roledescription': words.gallery, 'aria-label': title}, ...slides);
  const dots = el('span', {class: 'dots', 'aria-hidden': 'true'}, ...count > DOTS ? [] : slides.map(() => el('i')));
  const place = el('span', {class: 'hide', 'aria-live': 'polite'});
  const buttons = slider(track, words, (now, _, byHand) => {
    slides.forEach((slide, i) => {
      slide.inert = i !== now; // what is out of sight is out of the tab order too
      if (i === now || i === now + 1) slide.querySelectorAll('img').forEach(img => { if (byHand) img.loading = 'eager'; });
      else slide.querySelectorAll('video').forEach(video => video.pause());
    });
    if (count > DOTS) dots.textContent = `${now + 1}/${count}`;
    else [...dots.children].forEach((dot, i) => dot.classList.toggle('on', i === now));
    if (byHand) place.textContent = fill(words.place, now + 1, count);
  });
  return [track, ...buttons, dots, place];
}

// What moves a row of posts. It stands below them: within them, albums have buttons of their own.
function navigation(row, words) {
  const place = el('span', {class: 'sub', 'aria-live': 'polite'});
  const nav = el('div', {class: 'nav'});
  const [previous, next] = slider(row, words, (now, sight, byHand) => {
    const count = row.children.length;
    // Whoever has begun to turn goes on: what comes next is there before.
    if (byHand) [...row.children].slice(now, now + 2 * sight).forEach(cell => cell.querySelectorAll('.tile > a > img').forEach(img => { img.loading = 'eager'; }));
    const to = Math.min(now + sight, count);
    const from = Math.max(to - sight, 0) + 1;
    const text = from === to ? fill(words.place, to, count) : fill(words.range, from, to, count);
    if (place.textContent !== text) place.textContent = text;
    nav.classList.toggle('fits', sight >= count);
  });
  nav.append(previous, place, next);
  return nav;
}

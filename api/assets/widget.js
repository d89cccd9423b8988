// Feedkeeper's widget: one script, one element, nothing else.
//
//   <script async src="https://feeds.example.com/widget.js"></script>
//   <feedkeeper-feed app="demo" feed="@powr_io" columns="3" items="12" captions></feedkeeper-feed>
//
// Attributes: app, feed, columns, items, captions, no-header, refresh (seconds), src (the service, if it is not
// where this script came from). Themed by --feedkeeper-columns -min -gap -ratio -radius -text -muted -accent -surface -font.
// Events: `load` and `error`, whose detail carries `freshness` and `count`. `data-state` on the element says
// pending, fresh, stale, blocked, empty or error; `data-source`, where the posts come from: graph or outlet.
//
// Two rules hold everywhere: what the service sends becomes text or a checked http(s) address, never markup; and
// what has been drawn stays until something better is there.
(() => {
'use strict';

if (customElements.get('feedkeeper-feed')) return;

// Only known while the script runs for the first time. A bundled copy has no tag of its own: it needs `src`.
const SCRIPT = document.currentScript || document.querySelector('script[src*="widget.js"]');
const HOME = SCRIPT && SCRIPT.src ? new URL(SCRIPT.src).origin : location.origin;

const REFRESH_S = 300;
const LONGEST_PAUSE_S = 600;
const PATIENCE_MS = 40_000; // longer than any long poll we ask for
const DOTS = 8; // more than these are a number instead

const WORDS = {
  en: {
    feed: 'Instagram posts of {0}', loading: 'Loading Instagram posts', updated: 'updated {0}', empty: 'No posts yet.',
    not_connected: 'This Instagram account is not connected yet.',
    ended: 'The connection to Instagram has ended and waits to be renewed.',
    not_found: 'This Instagram account cannot be found.',
    no_account: 'No Instagram account is connected yet.',
    hidden: 'This hashtag cannot be shown by Instagram.',
    waiting: 'Instagram posts will be here from {0} on.',
    unavailable: 'Instagram posts cannot be shown just now. They will be back by themselves.',
    unregistered: 'This feed is not set up for this site.', incomplete: 'This feed needs an app and a feed name.',
    view: 'View on Instagram', see: 'See {0} on Instagram', tab: '(opens in a new tab)', previous: 'Previous', next: 'Next',
    place: '{0} of {1}', IMAGE: 'Photo', VIDEO: 'Video', CAROUSEL_ALBUM: 'Album', by: '{0} by {1}', gallery: 'gallery', slide: 'slide',
  },
  de: {
    feed: 'Instagram-Beiträge von {0}', loading: 'Instagram-Beiträge werden geladen', updated: 'Stand: {0}', empty: 'Noch keine Beiträge.',
    not_connected: 'Dieses Instagram-Konto ist noch nicht verbunden.',
    ended: 'Die Verbindung zu Instagram ist abgelaufen und muss erneuert werden.',
    not_found: 'Dieses Instagram-Konto ist nicht zu finden.',
    no_account: 'Noch ist kein Instagram-Konto verbunden.',
    hidden: 'Dieser Hashtag kann von Instagram nicht gezeigt werden.',
    waiting: 'Hier stehen Instagram-Beiträge ab {0}.',
    unavailable: 'Die Instagram-Beiträge lassen sich gerade nicht zeigen. Sie kommen von selbst zurück.',
    unregistered: 'Dieser Feed ist für diese Seite nicht eingerichtet.', incomplete: 'Dieser Feed braucht eine App und einen Namen.',
    view: 'Auf Instagram ansehen', see: '{0} auf Instagram ansehen', tab: '(öffnet einen neuen Tab)', previous: 'Zurück', next: 'Weiter',
    place: '{0} von {1}', IMAGE: 'Foto', VIDEO: 'Video', CAROUSEL_ALBUM: 'Album', by: '{0} von {1}', gallery: 'Galerie', slide: 'Bild',
  },
};

// Which sentence a visitor reads for a reason. Visitors can do nothing about a class, so most read alike.
const REASONS = {
  not_connected: 'not_connected', token_dead: 'ended', permission_lost: 'ended', not_found: 'not_found',
  feed_not_registered: 'unregistered', app_unknown: 'unregistered', incomplete: 'incomplete',
};
// The same for hashtags, which no single account has.
const TAG_REASONS = {...REASONS, not_connected: 'no_account', not_found: 'hidden'};

// Colours come from the page's own text colour, so light and dark follow the page and not the visitor's system alone.
const CSS = `
:host{display:block;position:relative;text-align:start;line-height:1.45;
  --_gap:var(--feedkeeper-gap,12px);--_radius:var(--feedkeeper-radius,10px);--_text:var(--feedkeeper-text,currentColor);
  --_muted:var(--feedkeeper-muted,color-mix(in srgb,var(--_text) 78%,transparent));
  --_accent:var(--feedkeeper-accent,var(--_text));
  --_surface:var(--feedkeeper-surface,color-mix(in srgb,var(--_text) 7%,transparent));
  color:var(--feedkeeper-text,inherit);font-family:var(--feedkeeper-font,inherit)}
:host([hidden]){display:none}
*,*::before,*::after{box-sizing:border-box}
a{color:inherit;text-decoration:none}
a:hover .name,.say a:hover,.card a:hover{text-decoration:underline;text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--_accent);outline-offset:2px}
.hide{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header{display:flex;align-items:center;gap:12px;height:44px;margin-block-end:calc(var(--_gap) + 4px);min-width:0}
header>div{min-width:0;display:grid}
header a{display:flex;align-items:center;gap:12px;min-width:0;border-radius:var(--_radius)}
.face{flex:none;inline-size:44px;block-size:44px;border-radius:50%;object-fit:cover;background:var(--_surface);
  display:grid;place-items:center;font-weight:600;text-transform:uppercase;overflow:hidden}
.name,.sub{unicode-bidi:plaintext;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.name{font-weight:600}
.sub,.when{font-size:.8125em;color:var(--_muted)}
.lines{display:grid;grid-template-columns:minmax(0,1fr)}
.grid{display:grid;gap:var(--_gap);--_n:var(--feedkeeper-columns,var(--_columns,3));
  grid-template-columns:repeat(auto-fill,minmax(min(100%,max(var(--feedkeeper-min,132px),(100% - (var(--_n) - 1)*var(--_gap))/var(--_n) - .1px)),1fr))}
article{display:flex;flex-direction:column;min-width:0}
.tile{position:relative;aspect-ratio:var(--feedkeeper-ratio,1);border-radius:var(--_radius);overflow:hidden;background:var(--_surface);isolation:isolate}
.fill{position:absolute;inset:0;display:block;inline-size:100%;block-size:100%}
a.fill:focus-visible,.track:focus-visible,.tile video:focus-visible{outline-offset:-3px;border-radius:var(--_radius)}
img.fill,video.fill{object-fit:cover}
a.fill>img{transition:transform .4s cubic-bezier(.2,.7,.2,1)}
a.fill:hover>img{transform:scale(1.03)}
.mark{position:absolute;inset-block-start:8px;inset-inline-end:8px;z-index:1;display:grid;place-items:center;inline-size:30px;block-size:30px;
  border-radius:50%;color:#fff;background:rgb(0 0 0/.6)}
a.mark:hover{background:rgb(0 0 0/.75)}
a.mark:focus-visible,.step:focus-visible{outline-color:#fff;outline-offset:-4px}
svg{display:block;inline-size:16px;block-size:16px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.track{display:flex;overflow-x:auto;overscroll-behavior-x:contain;scroll-snap-type:x mandatory;scrollbar-width:none}
.track::-webkit-scrollbar{display:none}
.slide{position:relative;flex:0 0 100%;scroll-snap-align:start;scroll-snap-stop:always}
.step{position:absolute;inset-block-start:calc(50% - 17px);z-index:1;inline-size:34px;block-size:34px;padding:0;border:0;border-radius:50%;
  display:grid;place-items:center;cursor:pointer;color:#fff;background:rgb(0 0 0/.6);transition:opacity .15s}
.step:hover{background:rgb(0 0 0/.75)}
.step[aria-disabled=true]{opacity:0;pointer-events:none}
.step[aria-disabled=true]:focus-visible{opacity:.5}
.prev{inset-inline-start:8px}.next{inset-inline-end:8px}
:host(:dir(rtl)) .step svg{transform:scaleX(-1)}
.dots,.place{position:absolute;inset-block-end:8px;inset-inline:0;margin:auto;inline-size:fit-content;display:flex;gap:5px;padding:5px 7px;
  border-radius:99px;background:rgb(0 0 0/.6);color:#fff;font-size:12px;line-height:1;pointer-events:none}
.dots i{inline-size:6px;block-size:6px;border-radius:50%;background:#fff;opacity:.5}
.dots i.on{opacity:1}
.card{display:flex;flex-direction:column;justify-content:space-between;gap:8px;padding:14px;overflow:hidden;
  background:linear-gradient(155deg,color-mix(in srgb,var(--_accent) 5%,transparent),color-mix(in srgb,var(--_accent) 14%,transparent))}
.card p{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:5;overflow:hidden;margin:0;font-size:.9375em;overflow-wrap:anywhere;white-space:pre-line}
.card a{font-size:.875em;font-weight:600}
.text{margin-block:8px;font-size:.9375em}
.text p{margin:0;block-size:4.35em;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;overflow-wrap:anywhere;white-space:pre-line}
.when{display:block;block-size:1.5em;margin-block-start:2px}
.say{display:grid;place-content:center;justify-items:center;gap:10px;min-block-size:180px;padding:24px;text-align:center;border-radius:var(--_radius);background:var(--_surface)}
.say p{margin:0;max-inline-size:36ch;text-wrap:balance}
.say svg{inline-size:28px;block-size:28px;stroke-width:1.5;color:var(--_muted)}
.say a{font-weight:600}
.foot{margin:10px 0 0}
.bone{background:var(--_surface);border-radius:6px;animation:wait 1.6s ease-in-out infinite alternate}
.bone.tile{border-radius:var(--_radius)}.bone.face{border-radius:50%}
.bone.line{block-size:.8em;inline-size:9em;margin-block:.35em}
.text .bone.line{inline-size:90%;margin-block:0 .65em}.text .bone.line:last-child{inline-size:55%}
.text.bones{block-size:calc(5.85em + 2px)}
@keyframes wait{to{opacity:.45}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important;scroll-behavior:auto!important}a.fill:hover>img{transform:none}}
@media (forced-colors:active){.mark,.step,.dots,.place{border:1px solid}.tile,.say{border:1px solid}}
`;

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

const fill = (text, ...parts) => text.replace(/\{(\d)\}/g, (_, i) => parts[i]);

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

const out = (href, attributes, ...children) => el('a', {href, target: '_blank', rel: 'noopener noreferrer', ...attributes}, ...children);

function seconds(header) {
  if (!header) return null;
  const s = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(s) ? Math.min(Math.max(s, 1), LONGEST_PAUSE_S) : null;
}

// 5 s, 10 s, 20 s … ten minutes, each up to a fifth longer so that a page full of visitors does not come back at once.
const backoff = fails => Math.min(5 * 2 ** fails, LONGEST_PAUSE_S) * (1 + Math.random() / 5);

function pause(s, signal) {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, s * 1000);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, {once: true});
  });
}

function seen(signal) {
  return new Promise(resolve => {
    if (!document.hidden || signal.aborted) return resolve();
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look, {once: true});
  });
}

async function get(url, signal, cache = 'default') {
  const call = new AbortController();
  const stop = () => call.abort();
  const timer = setTimeout(stop, PATIENCE_MS);
  signal.addEventListener('abort', stop, {once: true});
  try {
    const response = await fetch(url, {signal: call.signal, credentials: 'omit', cache});
    const body = await response.json().catch(() => null);
    return {status: response.status, body, after: seconds(response.headers.get('Retry-After'))};
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

class Failure extends Error {
  constructor(code, status, after) {
    super(code);
    Object.assign(this, {code, status, after});
  }
}

class FeedkeeperFeed extends HTMLElement {
  static observedAttributes = ['app', 'feed', 'src', 'items', 'columns', 'captions', 'no-header'];

  #life = null; // ends when the element leaves the page or is asked for another feed
  #feed = null; // the last good answer
  #due = 0; // when the first posts are fetched, if that is known
  #drawn = new Map(); // id → {mark, node}: what stands in the grid
  #queued = false;

  constructor() {
    super();
    this.attachShadow({mode: 'open'});
    dress(this.shadowRoot);
  }

  connectedCallback() { this.#start(); }

  disconnectedCallback() {
    if (this.#life) this.#life.abort();
    this.#life = null;
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected || !this.#life) return;
    if (name === 'app' || name === 'feed' || name === 'src') {
      this.#feed = null;
      this.#due = 0;
      this.disconnectedCallback();
    }
    if (this.#queued) return;
    this.#queued = true; // several attributes set in a row make one drawing
    queueMicrotask(() => {
      this.#queued = false;
      if (!this.isConnected) return;
      if (!this.#life) this.#start();
      else if (this.#feed) { this.#drawn.clear(); this.#draw(); }
      else if (this.dataset.state === 'pending') this.#wait();
    });
  }

  get #words() {
    const closest = this.closest('[lang]');
    const lang = (closest && closest.lang || 'en').toLowerCase();
    return WORDS[lang.split('-')[0]] || WORDS.en;
  }

  get #lang() {
    const closest = this.closest('[lang]');
    try { return closest && Intl.getCanonicalLocales(closest.lang)[0] || 'en'; } catch { return 'en'; }
  }

  get #key() {
    const key = (this.getAttribute('feed') || '').trim();
    return !key || /^[@#]/.test(key) ? key : '@' + key;
  }

  get #reasons() { return this.#key[0] === '#' ? TAG_REASONS : REASONS; }

  get #base() {
    const src = this.getAttribute('src');
    try { return src ? new URL(src, location.href).href.replace(/\/+$/, '') : HOME; } catch { return HOME; }
  }

  #number(name, otherwise, most) {
    const n = parseInt(this.getAttribute(name), 10);
    return n > 0 ? Math.min(n, most) : otherwise;
  }

  #start() {
    this.#life = new AbortController();
    this.#run(this.#life.signal);
  }

  async #run(signal) {
    if (this.#feed) this.#draw(); else this.#wait();
    let fails = 0;
    while (!signal.aborted) {
      let rest;
      try {
        await this.#load(signal);
        fails = 0;
        rest = this.#number('refresh', REFRESH_S, 86_400);
      } catch (error) {
        if (signal.aborted) return;
        const failure = error instanceof Failure ? error : new Failure('unreachable', 0, null);
        this.#fail(failure);
        rest = failure.after || backoff(fails++);
      }
      await pause(rest, signal);
      await seen(signal);
    }
  }

  // Asks until there is a feed. A first asker is given a job to wait for; the feed itself is what we believe.
  async #load(signal) {
    const app = this.getAttribute('app');
    if (!app || !this.#key) throw new Failure('incomplete', 0, LONGEST_PAUSE_S);
    // Who wants to see changes within a minute does not want to see what this browser has kept.
    const cache = this.#number('refresh', REFRESH_S, 86_400) < 60 ? 'no-cache' : 'default';
    const url = `${this.#base}/instagram?app_id=${encodeURIComponent(app)}&username_or_hashtag=${encodeURIComponent(this.#key)}`;
    for (let asked = 0; !signal.aborted; asked++) {
      const {status, body, after} = await get(url, signal, cache);
      if (status === 200 && body && Array.isArray(body.data)) {
        if (signal.aborted) return;
        this.#feed = body;
        this.dataset.source = body.source || '';
        this.#draw();
        this.#tell('load', {});
        return;
      }
      if (status !== 202) throw new Failure(body && body.code || 'unavailable', status, after);
      this.#due = Date.parse(body && body.freshness && body.freshness.next_try_at) || 0;
      if (this.#later) {
        // Nothing comes for long: that is said, and no job is waited for.
        this.#wait();
        await pause(after || LONGEST_PAUSE_S, signal);
        await seen(signal);
        continue;
      }
      const told = Date.now();
      if (body && body.status_url) await this.#job(body.status_url, signal);
      // A job that ends at once must not make us a flood, and one that never ends is asked for ever more seldom.
      const due = Math.min((after || 1) * 1.5 ** asked, 30) - (Date.now() - told) / 1000;
      if (asked > 0 && due > 0) await pause(due, signal);
      await seen(signal);
    }
  }

  // Holds one long poll. Only a job that has failed is news; anything else is settled by asking for the feed again.
  async #job(address, signal) {
    let answer;
    try {
      // Only the path is taken: the service may know itself by another host name than the page does.
      const job = new URL(address, this.#base + '/');
      job.searchParams.set('wait', '10');
      const base = new URL(this.#base);
      answer = await get(base.origin + job.pathname + job.search, signal);
    } catch {
      return;
    }
    const {body} = answer;
    if (!body || signal.aborted) return;
    if (body.state === 'failed') throw new Failure(body.error && (body.error.class || body.error.code) || 'unavailable', 0, 60);
    if (body.state === 'retrying') {
      const wait = (Date.parse(body.next_try_at) - Date.now()) / 1000;
      if (wait > 0) await pause(Math.min(wait, 60), signal);
    }
  }

  get #later() { return this.#due - Date.now() > LONGEST_PAUSE_S * 1000; }

  #tell(type, more) {
    const feed = this.#feed;
    this.dispatchEvent(new CustomEvent(type, {detail: {freshness: feed ? feed.freshness : null, count: feed ? feed.data.length : 0, ...more}}));
  }

  #fail(failure) {
    if (this.#feed) {
      // The last posts stay. They are only older than they should be.
      if (this.dataset.state === 'fresh') this.dataset.state = 'stale';
      this.#head(true);
    } else {
      const reasons = this.#reasons;
      const blocked = failure.code in reasons && failure.status === 0 && failure.code !== 'incomplete';
      this.#say(blocked ? 'blocked' : 'error', reasons[failure.code] || 'unavailable');
    }
    this.#tell('error', {code: failure.code, status: failure.status});
  }

  // Everything below draws.

  #stage() {
    const old = this.shadowRoot.querySelector('section');
    if (old) return old;
    const section = el('section', {}, el('div', {class: 'top'}), el('div', {class: 'body'}));
    this.shadowRoot.append(section);
    return section;
  }

  #show(state, ...nodes) {
    const section = this.#stage();
    section.setAttribute('aria-label', fill(this.#words.feed, this.#key));
    section.setAttribute('aria-busy', String(state === 'pending'));
    section.querySelector('.body').replaceChildren(...nodes);
    this.dataset.state = state;
  }

  #grid() {
    const grid = el('div', {class: 'grid'});
    grid.style.setProperty('--_columns', this.#number('columns', 3, 12));
    return grid;
  }

  #wait() {
    if (this.#later) return this.#promise();
    const grid = this.#grid();
    const bone = kind => el('div', {class: 'bone ' + kind});
    for (let i = this.#number('items', 12, 50); i > 0; i--) {
      const article = el('div', {}, bone('tile'));
      if (this.hasAttribute('captions')) article.append(el('div', {class: 'text bones'}, bone('line'), bone('line')));
      grid.append(article);
    }
    this.#drawn.clear();
    this.#show('pending', el('p', {class: 'hide', role: 'status'}, this.#words.loading), grid);
    grid.setAttribute('aria-hidden', 'true');
    const top = this.#stage().querySelector('.top');
    if (this.hasAttribute('no-header')) top.replaceChildren();
    else top.replaceChildren(el('header', {'aria-hidden': 'true'}, el('span', {class: 'face bone'}), el('div', {}, bone('line'), bone('line'))));
  }

  #promise() {
    const at = new Intl.DateTimeFormat(this.#lang, {dateStyle: 'long', timeStyle: 'short'}).format(this.#due);
    this.#say('pending', 'waiting', at);
    this.#stage().setAttribute('aria-busy', 'false');
  }

  #say(state, word, ...parts) {
    const words = this.#words;
    const key = this.#key;
    const place = /^@[\w.]{1,30}$/.test(key) ? key.slice(1) : /^#[^\s/?#]+$/.test(key) ? 'explore/tags/' + encodeURIComponent(key.slice(1)) : '';
    const known = place && (state !== 'error' || word === 'unavailable');
    this.#drawn.clear();
    this.#show(state, el('div', {class: 'say'}, icon('camera'), el('p', {role: 'status'}, fill(words[word], ...parts)),
      known ? out(`https://www.instagram.com/${place}/`, {}, fill(words.see, key), el('span', {class: 'hide'}, ' ' + words.tab)) : null));
    this.#head(false);
  }

  #draw() {
    const {data, freshness} = this.#feed;
    const state = freshness && freshness.state || 'fresh';
    if (!data.length) {
      if (state === 'pending') return this.#wait();
      return state === 'blocked' ? this.#say('blocked', this.#reasons[freshness.reason] || 'unavailable') : this.#say('empty', 'empty');
    }
    const section = this.#stage();
    const before = this.#drawn.size ? section.querySelector('.grid') : null;
    const grid = before || this.#grid();
    grid.style.setProperty('--_columns', this.#number('columns', 3, 12));
    const drawn = new Map();
    const items = data.filter(item => item && item.id != null).slice(0, this.#number('items', 12, 50));
    const nodes = items.map(item => {
      // An unchanged post is left alone, and so is one that somebody is watching: addresses change at every fetch.
      const id = String(item.id);
      const mark = JSON.stringify(item);
      const old = this.#drawn.get(id);
      const busy = old && (old.node.matches(':focus-within') || [...old.node.querySelectorAll('video')].some(video => !video.paused));
      const node = old && (old.mark === mark || busy) ? old.node : this.#post(item, id);
      drawn.set(id, {mark: node === (old && old.node) ? old.mark : mark, node});
      return node;
    });
    this.#drawn = drawn;
    // Moving a node would stop its video, so nothing moves unless the order has changed.
    if (!before || nodes.length !== grid.children.length || nodes.some((node, i) => node !== grid.children[i])) grid.replaceChildren(...nodes);
    if (before) this.dataset.state = state; else this.#show(state, grid);
    this.#head(state !== 'fresh');
  }

  // The line under the name is always there, so that a note about age moves nothing.
  #head(old) {
    const words = this.#words;
    const top = this.#stage().querySelector('.top');
    const account = this.#feed && this.#feed.account;
    const at = this.#feed && this.#feed.freshness && Date.parse(this.#feed.freshness.fetched_at);
    const age = old && at ? fill(words.updated, this.#ago(at)) : '';
    if (this.hasAttribute('no-header') || (!account && this.#key[0] !== '#')) {
      const foot = this.shadowRoot.querySelector('.foot');
      if (foot) foot.remove();
      top.replaceChildren();
      if (age) this.#stage().append(el('p', {class: 'foot sub'}, age));
      return;
    }
    const handle = account && account.username ? '@' + account.username : this.#key;
    const name = account && account.name || handle;
    const letter = el('span', {class: 'face', 'aria-hidden': 'true'}, [...handle.replace(/^@/, '')][0] || '');
    let face = letter;
    const picture = account && web(account.profile_picture_url);
    if (picture) {
      face = el('img', {class: 'face', alt: '', width: 44, height: 44, referrerpolicy: 'no-referrer'});
      face.addEventListener('error', () => face.replaceWith(letter), {once: true});
      face.src = picture;
    }
    const sub = [name === handle ? '' : handle, age].filter(Boolean).join(' · ') || 'Instagram';
    const old_header = top.querySelector('header[data-name]');
    const mark = JSON.stringify([name, handle, picture && picture.split('?')[0]]);
    if (old_header && old_header.dataset.name === mark) {
      const line = old_header.querySelector('.sub');
      if (line.textContent !== sub) line.textContent = sub;
      return;
    }
    const href = handle[0] === '#' ? `https://www.instagram.com/explore/tags/${encodeURIComponent(handle.slice(1))}/` : `https://www.instagram.com/${encodeURIComponent(handle.slice(1))}/`;
    top.replaceChildren(el('header', {'data-name': mark}, out(href, {}, face,
      el('span', {class: 'lines'}, el('span', {class: 'name'}, name), el('span', {class: 'sub'}, sub)),
      el('span', {class: 'hide'}, words.tab))));
  }

  #ago(time) {
    const s = Math.min((time - Date.now()) / 1000, -1);
    const [size, unit] = [[86_400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']].find(([size]) => -s >= size);
    return new Intl.RelativeTimeFormat(this.#lang, {numeric: 'auto'}).format(Math.round(s / size), unit);
  }

  #date(timestamp) {
    const time = new Date(timestamp || NaN);
    return Number.isNaN(+time) ? null : el('time', {class: 'when', datetime: time.toISOString()},
      time.toLocaleDateString(this.#lang, {day: 'numeric', month: 'long', year: 'numeric'}));
  }

  #post(item, id) {
    const words = this.#words;
    const children = (Array.isArray(item.children) ? item.children : item.children && item.children.data || []).filter(Boolean);
    const type = item.media_type || (children.length ? 'CAROUSEL_ALBUM' : 'IMAGE');
    const owner = item.username || this.#feed.account && this.#feed.account.username;
    const kind = words[type] || words.IMAGE;
    const title = owner ? fill(words.by, kind, '@' + owner) : kind;
    const caption = typeof item.caption === 'string' ? item.caption.trim() : '';
    const post = {
      words, title, caption, told: this.hasAttribute('captions'),
      link: web(item.permalink),
      alt: item.alt_text || (caption.length > 160 ? caption.slice(0, 159) + '…' : caption) || title,
    };
    const tile = el('div', {class: 'tile'});
    if (type === 'CAROUSEL_ALBUM' && children.length > 1) tile.append(...album(children, post));
    else if (type === 'CAROUSEL_ALBUM' && children.length === 1) tile.append(media({...children[0], alt_text: children[0].alt_text || item.alt_text}, post));
    else tile.append(media(item, post));
    const article = el('article', {'data-id': id, 'data-type': type, 'aria-label': title}, tile);
    if (post.link && tile.querySelector('video,.track')) {
      tile.append(out(post.link, {class: 'mark', 'aria-label': words.view + ' ' + words.tab}, icon('out')));
    } else if (type !== 'IMAGE' && !tile.querySelector('.card') && ICONS[type]) {
      tile.append(el('span', {class: 'mark', 'aria-hidden': 'true'}, icon(type)));
    }
    if (this.hasAttribute('captions')) article.append(el('div', {class: 'text'}, el('p', {dir: 'auto'}, caption), this.#date(item.timestamp) || el('span', {class: 'when'})));
    return article;
  }
}

// A film if there is one, else a picture, else a card.
function media(item, post) {
  const film = item.media_type === 'VIDEO' && web(item.media_url);
  const cover = web(item.thumbnail_url);
  if (!film) return still(item.media_type === 'VIDEO' ? [cover] : [web(item.media_url), cover], item, post);
  const video = el('video', {class: 'fill', controls: true, playsinline: true, preload: cover ? 'none' : 'metadata', poster: cover, 'aria-label': item.alt_text || post.alt});
  video.addEventListener('error', () => {
    const tile = video.closest('.tile');
    video.replaceWith(still([cover], item, post));
    // Without a player the picture is the link, and the corner only says what it is.
    const mark = tile && !tile.querySelector('.track') && tile.querySelector('a.mark');
    if (mark) mark.replaceWith(el('span', {class: 'mark', 'aria-hidden': 'true'}, icon('VIDEO')));
  }, {once: true});
  video.src = film;
  return video;
}

// Tries each address in turn. The frame is there before the picture, so that nothing moves when it comes.
function still(addresses, item, post) {
  const left = addresses.filter(Boolean);
  if (!left.length) return card(post);
  const img = el('img', {class: 'fill', alt: item.alt_text || post.alt, loading: 'lazy', decoding: 'async', referrerpolicy: 'no-referrer'});
  const frame = post.link && !post.inside ? out(post.link, {class: 'fill'}, img) : el('div', {class: 'fill'}, img);
  img.addEventListener('error', () => {
    if (left.length) { img.src = left.shift(); return; }
    const tile = frame.closest('.tile');
    const mark = tile && !tile.querySelector('.track') && tile.querySelector('span.mark');
    if (mark) mark.remove();
    frame.replaceWith(card(post));
  });
  img.src = left.shift();
  return frame;
}

// Where the caption stands below the tile anyway, the card does not repeat it.
function card({words, title, caption, told, link}) {
  return el('div', {class: 'card fill'}, el('p', {dir: 'auto'}, !told && caption || title),
    link ? out(link, {}, words.view, el('span', {class: 'hide'}, ' ' + words.tab)) : null);
}

// Pictures side by side in a scroller that snaps: swipe is the browser's, buttons and keys are ours.
function album(children, post) {
  const {words, title} = post;
  const count = children.length;
  const slides = children.map((child, i) => {
    const place = fill(words.place, i + 1, count);
    const alt = child.alt_text || `${post.alt} (${place})`;
    return el('div', {class: 'slide', role: 'group', 'aria-roledescription': words.slide, 'aria-label': place},
      media({...child, alt_text: alt}, {...post, inside: true}));
  });
  const track = el('div', {class: 'track fill', tabindex: 0, role: 'group', 'aria-roledescription': words.gallery, 'aria-label': title}, ...slides);
  const button = (name, by) => {
    const node = el('button', {type: 'button', class: 'step ' + (by < 0 ? 'prev' : 'next'), 'aria-label': words[name]}, icon(name));
    node.addEventListener('click', () => go(now + by));
    return node;
  };
  const previous = button('previous', -1);
  const next = button('next', 1);
  const dots = count > DOTS ? el('span', {class: 'place', 'aria-hidden': 'true'})
    : el('span', {class: 'dots', 'aria-hidden': 'true'}, ...slides.map(() => el('i')));
  const place = el('span', {class: 'hide', 'aria-live': 'polite'});
  let now = 0;

  function mark(spoken) {
    slides.forEach((slide, i) => {
      slide.inert = i !== now; // what is out of sight is out of the tab order too
      if (i === now || i === now + 1) slide.querySelectorAll('img').forEach(img => { if (spoken) img.loading = 'eager'; });
      else slide.querySelectorAll('video').forEach(video => video.pause());
    });
    previous.setAttribute('aria-disabled', String(now === 0));
    next.setAttribute('aria-disabled', String(now === count - 1));
    if (count > DOTS) dots.textContent = `${now + 1}/${count}`;
    else [...dots.children].forEach((dot, i) => dot.classList.toggle('on', i === now));
    if (spoken) place.textContent = fill(words.place, now + 1, count);
  }

  function go(to) {
    now = Math.min(Math.max(to, 0), count - 1);
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    track.scrollTo({left: slides[now].offsetLeft, behavior: calm ? 'auto' : 'smooth'});
    mark(true);
  }

  let settle;
  track.addEventListener('scroll', () => {
    clearTimeout(settle);
    settle = setTimeout(() => {
      const at = Math.round(Math.abs(track.scrollLeft) / (track.clientWidth || 1));
      if (at !== now && at < count) { now = at; mark(true); }
    }, 120);
  }, {passive: true});
  track.addEventListener('keydown', event => {
    if (event.target !== track) return; // a film has arrow keys of its own
    const ahead = getComputedStyle(track).direction === 'rtl' ? -1 : 1;
    const to = {ArrowRight: now + ahead, ArrowLeft: now - ahead, Home: 0, End: count - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  mark(false);
  return [track, previous, next, dots, place];
}

customElements.define('feedkeeper-feed', FeedkeeperFeed);
})();

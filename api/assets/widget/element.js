// The element: when it asks, what it keeps, and what of it is drawn.

class FeedkeeperFeed extends HTMLElement {
  static observedAttributes = ['app', 'feed', 'src', 'layout', 'items', 'columns', 'captions', 'no-header'];

  #life = null; // ends when the element leaves the page or is asked for another feed
  #feed = null; // the last good answer
  #due = 0; // when the first posts are fetched, if that is known
  #drawn = new Map(); // id → {mark, node}: what stands among the cells
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

  get #tongue() {
    const closest = this.closest('[lang]');
    return closest && closest.lang || 'en';
  }

  get #words() { return WORDS[this.#tongue.toLowerCase().split('-')[0]] || WORDS.en; }

  // Dates are in the page's language, whatever it is; but not within a sentence of another one.
  #lang(inText) {
    try { return inText && this.#words === WORDS.en ? 'en' : Intl.getCanonicalLocales(this.#tongue)[0]; } catch { return 'en'; }
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

  // Frameworks write `captions="false"` where they mean that it is not there.
  #has(name) { return this.hasAttribute(name) && this.getAttribute(name) !== 'false'; }

  get #items() { return this.#number('items', 12, 50); }

  get #refresh() { return this.#number('refresh', REFRESH_S, 86_400); }

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
        rest = this.#refresh;
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
    const cache = this.#refresh < 60 ? 'no-cache' : 'default';
    const url = `${this.#base}/instagram?app_id=${encodeURIComponent(app)}&username_or_hashtag=${encodeURIComponent(this.#key)}`;
    for (let asked = 0; !signal.aborted; asked++) {
      const {status, body, after} = await get(url, signal, cache);
      if (status === 200 && body && Array.isArray(body.data)) {
        if (signal.aborted) return;
        this.#feed = body;
        this.dataset.source = body.source || '';
        this.#draw();
        // Where nothing can be shown, the page's developer may want to show something else.
        const {state, reason} = body.freshness || {};
        if (!body.data.length && state === 'blocked') this.#tell('error', {code: reason, status});
        else this.#tell('load');
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
    section.querySelector('.body').replaceChildren(...nodes.filter(Boolean));
    this.dataset.state = state;
  }

  get #isRow() { return this.getAttribute('layout') === 'carousel'; }

  #cells() {
    const cells = el('div', {class: this.#isRow ? 'cells row' : 'cells'});
    this.#share(cells);
    return cells;
  }

  #share(cells) { cells.style.setProperty('--_columns', this.#number('columns', 3, 12)); }

  #wait() {
    if (this.#later) return this.#promise();
    const cells = this.#cells();
    const bone = kind => el('div', {class: 'bone ' + kind});
    for (let i = this.#items; i > 0; i--) {
      const article = el('div', {}, bone('tile'));
      if (this.#has('captions')) article.append(el('div', {class: 'text'}, bone('line'), bone('line')));
      cells.append(article);
    }
    this.#drawn.clear();
    cells.setAttribute('aria-hidden', 'true');
    this.#show('pending', el('p', {class: 'hide', role: 'status'}, this.#words.loading), cells, this.#isRow ? el('div', {class: 'nav'}) : null);
    const top = this.#stage().querySelector('.top');
    if (this.#has('no-header')) top.replaceChildren();
    else top.replaceChildren(el('header', {'aria-hidden': 'true'}, el('span', {class: 'face bone'}), el('div', {}, bone('line'), bone('line'))));
  }

  #promise() {
    const at = new Intl.DateTimeFormat(this.#lang(true), {dateStyle: 'long', timeStyle: 'short'}).format(this.#due);
    this.#say('pending', 'waiting', at);
    this.#stage().setAttribute('aria-busy', 'false');
  }

  #say(state, word, ...parts) {
    const words = this.#words;
    const key = this.#key;
    const text = fill(words[word], ...parts);
    const said = this.shadowRoot.querySelector('.say p');
    if (said && said.textContent === text && this.dataset.state === state) return; // once is enough for who has it read out
    const place = (state !== 'error' || word === 'unavailable') && profile(key);
    this.#drawn.clear();
    this.#show(state, el('div', {class: 'say'}, icon('camera'), el('p', {role: 'status'}, text),
      place ? out(words, place, {}, fill(words.see, key)) : null));
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
    const before = this.#drawn.size ? section.querySelector('.cells') : null;
    const cells = before || this.#cells();
    this.#share(cells);
    const drawn = new Map();
    const look = {words: this.#words, lang: this.#lang(), told: this.#has('captions'), account: this.#feed.account};
    const items = data.filter(item => item && item.id != null).slice(0, this.#items);
    const nodes = items.map(item => {
      // An unchanged post is left alone, and so is one that somebody is watching. What is not whole waits for another address.
      const id = String(item.id);
      const mark = looks(item);
      const from = JSON.stringify(item);
      const old = this.#drawn.get(id);
      const busy = old && (old.node.matches(':focus-within') || [...old.node.querySelectorAll('video')].some(video => !video.paused));
      const post = busy || old && old.mark === mark && (old.from === from || isWhole(old.node)) ? old : {mark, from, node: article(item, look)};
      drawn.set(id, post);
      return post.node;
    });
    this.#drawn = drawn;
    // Moving a node would stop its video, so nothing moves unless the order has changed.
    if (!before || nodes.length !== cells.children.length || nodes.some((node, i) => node !== cells.children[i])) cells.replaceChildren(...nodes);
    if (before) this.dataset.state = state;
    else if (this.#isRow) this.#show(state, this.#row(cells), navigation(cells, this.#words));
    else this.#show(state, cells);
    this.#head(state !== 'fresh');
  }

  #row(cells) {
    const label = {tabindex: 0, role: 'group', 'aria-roledescription': this.#words.carousel, 'aria-label': fill(this.#words.feed, this.#key)};
    for (const [name, value] of Object.entries(label)) cells.setAttribute(name, value);
    return cells;
  }

  #head(old) {
    const feed = this.#feed;
    const at = old && feed && feed.freshness && Date.parse(feed.freshness.fetched_at);
    const age = at ? fill(this.#words.updated, ago(at, this.#lang(true))) : '';
    header(this.#stage().querySelector('.top'), this.#key, feed && feed.account, age, this.#words, this.#has('no-header'));
  }
}

customElements.define('feedkeeper-feed', FeedkeeperFeed);

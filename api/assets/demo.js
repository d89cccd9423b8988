// The demo page's tour: publishes at the stand-in, makes Meta fail, moves the clock, and shows what becomes of the feed. It
// asks the service what any site may ask, and the stand-ins' own door for the rest. Time here is theirs.

import {FAULTS} from './demo-faults.js';
import {$, DAY, MINUTE, account, app, door, look, main, move, nextLook, now, ours, owner, readClock, tick, when} from './demo-time.js';

const widget = $('feedkeeper-feed');
const LOOKS = 6; // so often the clock is moved for one wish before it is given up

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
const STATES = {fresh: 'fresh', stale: 'stale', blocked: 'waiting for its owner'};

// What is known, and what is broken.

let person = null; // who owns the account, at the stand-in
let install = null;
let letters = [];
let broken = null; // the fault's name
const kept = name => sessionStorage.getItem(`${account} ${name}`);
const keep = (name, value) => sessionStorage.setItem(`${account} ${name}`, value);
const since = () => Date.parse(kept('since')) || 0;

function fact(name, text) {
  for (const node of main.querySelectorAll(`[data-fact=${name}]`)) {
    if (node.textContent !== text) node.textContent = text;
  }
}

function done(step) {
  const number = $(`[data-step=${step}] .number`);
  if (number) { number.classList.add('done'); number.textContent = '✓'; }
  keep(step, 'done');
}

function showFreshness({state, fetched_at, next_try_at, reason}) {
  fact('state', STATES[state] || state);
  $('[data-fact=state]').dataset.state = state;
  fact('read', fetched_at ? when(Date.parse(fetched_at)) : 'not yet');
  const next = Date.parse(next_try_at);
  fact('next', next < now() ? 'any moment' : next ? when(next) : 'when its owner is back');
  fact('reason', reason ? `${state}, ${reason}` : state);
  $('#says').hidden = false;
}

// Counts the posts on the page at every change, so that a blank moment cannot pass unseen.
function count() {
  let fewest = 0;
  const look = () => {
    const posts = widget.shadowRoot.querySelectorAll('article').length;
    if (!posts && !fewest) return;
    if (!fewest) done('feed');
    fewest = fewest ? Math.min(fewest, posts) : posts;
    fact('posts', String(posts));
    fact('fewest', fewest === posts ? ', never fewer' : `, once ${fewest}`);
    fact('seen', fewest === posts ? `${posts} posts, never fewer` : `${posts} posts, once ${fewest}`);
    $('#says').dataset.fewest = fewest;
  };
  customElements.whenDefined('feedkeeper-feed').then(() => {
    new MutationObserver(look).observe(widget.shadowRoot, {childList: true, subtree: true});
    look();
  });
}

function showLetters() {
  const link = letter => (letter.text || '').split(/\s+/).find(word => word.startsWith(`${location.origin}/connect/`));
  $('#letters').hidden = !letters.length;
  $('#letters ul').replaceChildren(...letters.slice(-4).reverse().map(letter => {
    const item = document.createElement('li');
    const subject = document.createElement('b');
    subject.textContent = letter.subject;
    item.append(subject, when(Date.parse(letter.at)));
    if (link(letter)) {
      const button = document.createElement('a');
      button.href = link(letter);
      button.textContent = 'Press its button';
      item.append(' · ', button);
    }
    return item;
  }));
  const newest = letters.at(-1);
  if (newest && link(newest)) $('#renew').href = link(newest);
}

function showEnd() {
  const end = install && Date.parse(install.ends_at);
  for (const button of main.querySelectorAll('[data-until]')) button.disabled = !end || end < now() || !until(button.dataset.until);
}

// How far it is to the first letter, or past the end; 0 if that is over.
function until(what) {
  const left = (Date.parse(install && install.ends_at) - now()) / 1000;
  return Math.max(what === 'end' ? left + DAY : left - 9 * DAY, 0) || 0;
}

async function showOutcome() {
  for (const button of main.querySelectorAll('[data-fault]')) {
    const name = button.dataset.fault;
    button.setAttribute('aria-pressed', String(name === broken));
    button.toggleAttribute('data-survived', kept(name) === 'done');
    // No fault of Meta's mends a password.
    button.disabled = broken === 'password';
  }
  $('#outcome').hidden = !broken;
  if (!broken) return;
  $('#outcome h3').textContent = FAULTS[broken].title;
  $('#outcome p').textContent = FAULTS[broken].text;
  $('#mend').hidden = broken === 'password';
  $('#renew').hidden = broken !== 'password';
  const calls = (await door('GET', `calls?path_contains=/v`)).filter(call => call.service === 'graph' && Date.parse(call.at) >= since());
  fact('calls', String(calls.length));
}

async function refresh() {
  await readClock();
  const [list, mails, {freshness}] = await Promise.all([ours(`/v1/installs?app_id=${encodeURIComponent(app)}`), door('GET', 'mails'), look()]);
  install = list.data.find(install => install.instagram_account === account);
  letters = mails.filter(mail => mail.to.includes(owner));
  if (freshness) showFreshness(freshness);
  showLetters();
  showEnd();
  await showOutcome();
}

// What is done by a click. While one is under way no other begins; afterwards the keyboard is where it was.

let busy = false;

async function act(step, working, work) {
  if (busy) return;
  busy = true;
  const focused = document.activeElement;
  const told = $(`[data-step=${step}] .told`);
  const fields = main.querySelectorAll('.play');
  fields.forEach(field => { field.disabled = true; });
  told.className = 'told at-work';
  told.textContent = working;
  try {
    const said = await work(text => { told.textContent = text; });
    await refresh();
    told.textContent = said;
    told.className = 'told';
    done(step);
  } catch (error) {
    told.textContent = error.message;
    told.className = 'told failed';
  }
  fields.forEach(field => { field.disabled = false; });
  busy = false;
  // What was clicked may be gone, or stand still: then the first thing of the step that can be done.
  const stays = focused.checkVisibility() && !focused.matches(':disabled');
  (stays ? focused : $(`[data-step=${step}] button:enabled`))?.focus({preventScroll: true});
}

async function publish(say) {
  const kind = new FormData($('#publish')).get('kind');
  const post = {user: person.user, ig_user_id: person.ig_user_id, media_type: kind, caption: $('#caption').value};
  const {id} = await door('POST', 'media', post);
  if (broken) return 'Published. Feedkeeper cannot read it just now: mend Meta, and it comes.';
  say('Published. The clock moves to Feedkeeper’s next look …');
  let found = false;
  for (let i = 0; i < LOOKS && !found; i++) {
    await nextLook();
    found = (await look()).data.some(item => item.id === id);
  }
  if (!found) return 'Published. Feedkeeper has not read it yet.';
  say('Feedkeeper has it. The page asks for it …');
  for (let i = 0; i < 50 && !widget.shadowRoot.querySelector(`[data-id="${CSS.escape(id)}"]`); i++) await pause(100);
  const site = $('.site');
  site.classList.add('arrived');
  site.addEventListener('animationend', () => site.classList.remove('arrived'), {once: true});
  return `It is on your site, first in the row, since ${when(now())}.`;
}

async function fail(name, say) {
  if (broken) await mend(say);
  const fault = FAULTS[name];
  keep('since', new Date(now()).toISOString());
  if (fault.set) {
    const matching = {service: 'graph', ...(fault.path && {path_contains: fault.path})};
    await door('PUT', `faults/demo-${name}`, {match: matching, ...fault.set(person)});
  } else {
    await door('PATCH', `users/${person.user}`, {state: 'password_changed'});
  }
  broken = name;
  let freshness;
  for (let i = 0; i < LOOKS; i++) {
    // The first is the look that fails. Ten minutes later posts are called stale; five minutes later a death is sure, and the
    // letter leaves within the next half hour.
    if (i === 0) await nextLook();
    else await move((fault.set ? 11 : i === 1 ? 6 : 31) * MINUTE);
    const seen = await look();
    if (seen.freshness.state === 'fresh') continue;
    freshness = seen.freshness;
    if (fault.set || (await door('GET', 'mails')).some(mail => mail.to.includes(owner) && Date.parse(mail.at) >= since())) break;
  }
  if (!freshness) throw new Error('Feedkeeper has not met it yet. Move the clock a little.');
  keep(name, 'done');
  const survived = Object.keys(FAULTS).filter(name => kept(name) === 'done').length;
  return `It is ${when(now())}. ${survived} of ${Object.keys(FAULTS).length} survived.`;
}

async function mend(say) {
  say('Mended. The clock moves to Feedkeeper’s next look …');
  await door('DELETE', `faults/demo-${broken}`);
  broken = null;
  for (let i = 0; i < LOOKS; i++) {
    await nextLook();
    if ((await look()).freshness.state === 'fresh') return `Meta answers again, and since ${when(now())} the posts are fresh.`;
  }
  return 'Meta answers again. Feedkeeper looks as soon as it may.';
}

async function hop(button) {
  const had = letters.length;
  await move(Number(button.dataset.hop) || until(button.dataset.until));
  await refresh();
  const more = letters.length - had;
  const wrote = more === 1 ? ' The owner has got a letter.' : more ? ` The owner has got ${more} letters.` : '';
  return `It is ${when(now())}.${wrote}`;
}

async function begin() {
  const users = await door('GET', 'users');
  const page = users.flatMap(({user, pages}) => pages.map(page => ({...page, user}))).find(page => page.ig_username === account);
  if (!page) throw new Error(`@${account} is nobody of the stand-in’s: there is nothing to play with.`);
  person = page;
  const faults = (await door('GET', 'faults')).map(({name}) => name.replace(/^demo-/, ''));
  broken = Object.keys(FAULTS).find(name => faults.includes(name)) || null;
  await refresh();
  if (!broken && install && install.killed === 'password') broken = 'password';
  await showOutcome();
  for (const step of ['publish', 'break', 'clock']) if (kept(step)) done(step);
  main.querySelectorAll('.play').forEach(field => { field.disabled = false; });
}

readClock().then(() => setInterval(tick, 1000), () => {});
if (account) {
  if (matchMedia('(max-width: 59.99rem)').matches) {
    widget.removeAttribute('captions');
    widget.setAttribute('no-header', '');
    widget.setAttribute('layout', 'carousel');
    widget.setAttribute('columns', innerWidth < 560 ? '3' : '6');
    widget.setAttribute('items', '8');
  }
  count();
  widget.addEventListener('load', event => { if (event.detail.freshness) showFreshness(event.detail.freshness); });
  $('#publish').addEventListener('submit', event => {
    event.preventDefault();
    act('publish', 'Publishing …', publish);
  });
  for (const button of main.querySelectorAll('[data-fault]')) {
    const name = button.dataset.fault;
    button.addEventListener('click', () => {
      if (name === broken) act('break', 'Mending …', mend);
      else act('break', 'Breaking. The clock moves to Feedkeeper’s next look …', say => fail(name, say));
    });
  }
  $('#mend').addEventListener('click', () => act('break', 'Mending …', mend));
  for (const button of main.querySelectorAll('.hop')) {
    button.addEventListener('click', () => act('clock', 'The clock moves, and what falls due is done …', () => hop(button)));
  }
  begin().catch(error => { $('[data-step=publish] .told').textContent = error.message; });
}

// Whom the demo page asks, and what time it is there: the stand-ins', which the service follows, and which can be moved.

export const main = document.querySelector('main[data-stand-ins]');
export const {app, account, owner} = main.dataset;
export const $ = (css, root = main) => root.querySelector(css);
export const MINUTE = 60, DAY = 86_400;

async function ask(method, url, body) {
  let answer;
  try {
    const headers = body === undefined ? {} : {'Content-Type': 'application/json'};
    answer = await fetch(url, {method, headers, body: JSON.stringify(body), cache: 'no-store', credentials: 'omit'});
  } catch {
    throw new Error(`Nobody answers at ${new URL(url).origin}. Is Feedkeeper still running?`);
  }
  const text = await answer.text();
  const json = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(json && json.detail || `${url} answered ${answer.status}.`);
  return json;
}

export const door = (method, path, body) => ask(method, `${main.dataset.standIns}/_sandbox/${path}`, body);
export const ours = path => ask('GET', location.origin + path);
export const look = () => ours(`/instagram?app_id=${encodeURIComponent(app)}&username_or_hashtag=${encodeURIComponent('@' + account)}`);

let clock = {at: Date.parse(main.dataset.now), since: performance.now(), ahead: 0};
export const now = () => clock.at + performance.now() - clock.since;
// The widget says how old its posts are: on this page by that time, too.
Date.now = now;

export function when(time) {
  const date = new Date(time);
  const hour = {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'};
  if (date.toDateString() === new Date(now()).toDateString()) return date.toLocaleTimeString('en', hour);
  return date.toLocaleString('en', {day: 'numeric', month: 'short', ...hour});
}

export function tick() {
  const text = new Date(now()).toLocaleString('en', {weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
  if ($('#now').textContent !== text) $('#now').textContent = text;
  const {ahead} = clock;
  const [size, unit] = [[DAY, 'day'], [3600, 'hour'], [MINUTE, 'minute']].find(([size]) => ahead >= size) || [];
  const number = size && Math.round(ahead / size);
  $('#ahead').textContent = size ? `${number} ${unit}${number === 1 ? '' : 's'} ahead of your watch` : 'as on your watch';
}

export async function readClock() {
  const told = await door('GET', 'clock');
  clock = {at: Date.parse(told.now), since: performance.now(), ahead: told.offset_ms / 1000};
  tick();
}

export async function move(seconds) {
  await door('POST', 'clock', {advance_s: Math.ceil(seconds)});
  await readClock();
}

// Moves to the moment at which Feedkeeper looks at Meta again: the answer comes when it has looked. Schedules run by the minute.
export async function nextLook() {
  const {freshness} = await look();
  const due = (Date.parse(freshness.next_try_at) - now()) / 1000;
  await move(Math.max((due || 10 * MINUTE) + 1, MINUTE));
}

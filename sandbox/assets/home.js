// The sandbox's page: shows what comes in as it comes, and sets what the buttons say. All texts are put in as text.
"use strict";

const door = "/_sandbox";
const find = (css, root = document) => root.querySelector(css);
const each = (css, act, root = document) => root.querySelectorAll(css).forEach(act);

let offset = 0;
let paused = false;
let shown = { faults: [] };
const rows = new Map();

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}

let fading;
function say(text, isBad) {
  const toast = find(".toast");
  toast.textContent = text;
  toast.classList.toggle("bad", Boolean(isBad));
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { toast.hidden = true; }, 6000);
}

/** Asks the door; what it refuses is said in its own words. */
async function ask(method, path, body) {
  const answer = await fetch(door + path, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  const told = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(told && told.detail ? told.detail : `${answer.status}`);
  return told;
}

/** Does what a button says, once at a time. */
function on(button, act) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      await act(button);
    } catch (error) {
      say(error.message, true);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

// The clock

function span(ms) {
  const minutes = Math.round(ms / 60000);
  const parts = [[Math.floor(minutes / 1440), "d"], [Math.floor(minutes / 60) % 24, "h"], [minutes % 60, "min"]];
  return parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

function tick() {
  const now = new Date(Date.now() + offset).toISOString();
  find("#now").textContent = `${now.slice(0, 10)} ${now.slice(11, 19)} UTC`;
  find("#ahead").textContent = offset ? `${span(offset)} ahead of this machine's` : "as this machine's";
}

each("[data-advance]", (button) => on(button, async () => {
  say("Moving the clock; whoever follows it catches up …");
  const { now } = await ask("POST", "/clock", { advance_s: Number(button.dataset.advance) });
  say(`It is ${now.slice(0, 16).replace("T", " ")} UTC now.`);
}));

// The calls

function call(row, { at, service, method, path, account, status }) {
  const kind = status === null ? "waits" : status < 400 ? "good" : "bad";
  row.className = kind;
  row.dataset.path = `${path}`;
  const time = made("time", "", at.slice(11, 19));
  time.title = at;
  const line = made("span", "line");
  line.append(made("b", "", method), " ", made("code", "", path));
  const who = made("span", "who", account ? `${service} · @${account}` : service);
  const word = made("span", "status", status === null ? "…" : `${status}`);
  if (status === null) word.title = "waits, or was cut off";
  row.replaceChildren(time, line, who, word);
}

function sift() {
  const part = find("#filter").value;
  let visible = 0;
  for (const row of rows.values()) {
    row.hidden = !row.dataset.path.includes(part);
    visible += row.hidden ? 0 : 1;
  }
  const none = find("#calls .none");
  none.hidden = visible > 0;
  none.textContent = rows.size ? "None of the newest matches." : "None yet.";
}

function calls(list) {
  if (paused) return;
  const there = new Set(list.map(({ number }) => number));
  for (const [number, row] of rows) {
    if (!there.has(number)) {
      row.remove();
      rows.delete(number);
    }
  }
  for (const entry of list) {
    const told = JSON.stringify(entry);
    let row = rows.get(entry.number);
    if (!row) {
      row = made("li");
      row.dataset.fresh = "";
      rows.set(entry.number, row);
      find("#calls").prepend(row);
    }
    if (row.told === told) continue;
    row.told = told;
    const fresh = row.dataset.fresh;
    call(row, entry);
    if (fresh !== undefined) row.classList.add("fresh");
  }
  sift();
}

// The page came with the calls so far.
each("#calls [data-number]", (row) => rows.set(Number(row.dataset.number), row));
find("#filter").addEventListener("input", sift);
on(find("#pause"), (button) => {
  paused = !paused;
  button.setAttribute("aria-pressed", `${paused}`);
  button.textContent = paused ? "Go on" : "Pause";
  if (!paused) show(shown);
});
on(find("#forget"), () => ask("DELETE", "/calls"));

// The faults

function aim(fault) {
  const parts = [];
  const { service, path_contains: part, ig_user_id: id, x_user_id: xId, method } = fault.match || {};
  if (service) parts.push(service);
  if (method) parts.push(method);
  if (part) parts.push(`…${part}…`);
  if (id || xId) {
    const option = [...find("#whom").options].find(({ value }) => value === id);
    parts.push(option ? option.textContent : `account ${id || xId}`);
  }
  if (fault.times) parts.push(fault.times === 1 ? "once more" : `${fault.times} times more`);
  return parts.join(" · ") || "every call";
}

function faults(list) {
  const names = new Set(list.map(({ name }) => name));
  each("[data-fault]", (button) => button.setAttribute("aria-pressed", `${names.has(button.dataset.name)}`));
  const box = find("#on");
  box.hidden = list.length === 0;
  find("ul", box).replaceChildren(...list.map(({ name, fault }) => {
    const item = made("li");
    const button = find(`[data-name="${CSS.escape(name)}"]`);
    const text = made("span");
    text.append(made("b", "", button ? button.firstChild.textContent : name), made("small", "", aim(fault)));
    const off = made("button", "", "Take off");
    off.type = "button";
    off.setAttribute("aria-label", `Take off ${name}`);
    on(off, () => ask("DELETE", `/faults/${encodeURIComponent(name)}`));
    item.append(text, off);
    return item;
  }));
}

each("[data-fault]", (button) => on(button, async () => {
  const path = `/faults/${encodeURIComponent(button.dataset.name)}`;
  if (button.getAttribute("aria-pressed") === "true") {
    await ask("DELETE", path);
    return;
  }
  const fault = JSON.parse(button.dataset.fault);
  const whom = find("#whom").value;
  if (whom && button.closest("[data-aimed]")) fault.match.ig_user_id = whom;
  const times = find("#times").value;
  if (times) fault.times = Number(times);
  await ask("PUT", path, fault);
}));
on(find("#all-off"), () =>
  Promise.all(shown.faults.map(({ name }) => ask("DELETE", `/faults/${encodeURIComponent(name)}`))));

// The people

function people(list) {
  for (const { user, state, is_ok: isOk, changed } of list) {
    const card = find(`[data-user="${user}"]`);
    const select = find("[data-state]", card);
    if (document.activeElement !== select) select.value = state;
    card.classList.toggle("troubled", !isOk);
    const line = find(".changed", card);
    line.hidden = changed.length === 0;
    line.textContent = changed.join(" · ");
  }
}

each("[data-user]", (card) => {
  const { user } = card.dataset;
  const select = find("[data-state]", card);
  select.addEventListener("change", async () => {
    try {
      await ask("PATCH", `/users/${user}`, { state: select.value });
    } catch (error) {
      say(error.message, true);
    }
  });
  each("[data-post]", (button) => on(button, async () => {
    const { id } = await ask("POST", "/media", { user, media_type: "IMAGE", caption: "Posted by hand in the sandbox." });
    say(`${user} has posted ${id}.`);
  }), card);
  each("[data-token]", (button) => on(button, async () => {
    const { access_token: token } = await ask("POST", "/tokens", { user });
    try {
      await navigator.clipboard.writeText(token);
      say(`A short-lived token of ${user} is in the clipboard.`);
    } catch {
      say(token);
    }
  }), card);
});

// What came in

function inbox(id, list, line) {
  const entries = [...list].reverse().map((entry) => {
    const item = made("li");
    const time = made("time", "", entry.at.slice(11, 19));
    time.title = entry.at;
    item.append(time, line(entry));
    return item;
  });
  find(id).replaceChildren(...(entries.length ? entries : [made("li", "note", "None yet.")]));
}

function inboxes({ mails, alerts, posts }) {
  inbox("#mails", mails, ({ who, title, text }) => {
    const details = made("details");
    details.append(made("summary", "", `${title} → ${who}`), made("pre", "", text || "No plain text."));
    return details;
  });
  inbox("#alerts", alerts, ({ text }) => made("p", "", text));
  inbox("#posts", posts, ({ who, id, text }) => {
    const line = made("p");
    const link = made("a", "", `@${who}`);
    link.href = `/x/${who}#${id}`;
    line.append(link, ` ${text}`);
    return line;
  });
}

let letters = "";
function show(told) {
  shown = told;
  offset = told.offset_ms;
  tick();
  faults(told.faults);
  people(told.people);
  // A mail that somebody has opened stays open, as long as no other comes.
  const came = JSON.stringify([told.mails, told.alerts, told.posts]);
  if (came !== letters) inboxes(told);
  letters = came;
  calls(told.calls);
}

const live = find("#live");
let events;

/** Listens as long as somebody looks: a browser has few connections to one address. */
function listen() {
  if (events) events.close();
  events = document.hidden ? undefined : new EventSource(`${door}/live`);
  if (!events) return;
  events.onmessage = ({ data }) => {
    live.textContent = "live";
    live.dataset.on = "";
    show(JSON.parse(data));
  };
  events.onerror = () => {
    live.textContent = "not live: the sandbox does not answer";
    delete live.dataset.on;
  };
}

document.addEventListener("visibilitychange", listen);
listen();
tick();
setInterval(tick, 1000);

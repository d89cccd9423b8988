// What the connect pages do beyond plain HTML: follow a job without reloading, answer "which Page?" in place, show
// days as they are where the visitor is, copy a link. Every page works without it.
(() => {
'use strict';

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

function dress(root) {
  const lang = document.documentElement.lang || 'en';
  // As the server and the letters write days.
  const place = lang === 'en' ? 'en-GB' : lang;
  const day = {day: 'numeric', month: 'long', year: 'numeric'};
  for (const time of root.querySelectorAll('time[datetime]')) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(+date)) continue;
    const withTime = time.hasAttribute('data-time');
    time.textContent = withTime
      ? date.toLocaleString(place, {...day, hour: '2-digit', minute: '2-digit'})
      : date.toLocaleDateString(place, day);
  }
  // Behind a picture that does not come is a letter.
  for (const picture of root.querySelectorAll('.face img')) {
    if (picture.complete && !picture.naturalWidth) picture.remove();
    picture.addEventListener('error', () => picture.remove());
  }
  for (const address of root.querySelectorAll('input.address')) {
    address.addEventListener('focus', () => address.select());
  }
  for (const button of root.querySelectorAll('button[data-copy]')) {
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
      const before = button.textContent;
      const from = document.getElementById(button.dataset.copy);
      await navigator.clipboard.writeText((from.value ?? from.textContent).trim());
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = before; }, 2000);
    });
  }
  for (const button of root.querySelectorAll('button[data-delete]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      button.disabled = true;
      const answer = await fetch(button.dataset.delete, {method: 'DELETE'}).catch(() => null);
      if (answer && answer.ok) return location.reload();
      button.textContent = button.dataset.failed;
      button.disabled = false;
    });
  }
}

// The server writes every outcome once, in its template. This fetches that page and takes over its <main>.
async function show(main) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15_000)) {
    try {
      const answer = await fetch(main.dataset.poll, {headers: {Accept: 'text/html'}});
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('main[data-state]');
      if (fresh) {
        document.title = page.title;
        main.replaceWith(document.adoptNode(fresh));
        dress(fresh);
        const heading = fresh.querySelector('h1');
        if (heading) { heading.tabIndex = -1; heading.focus({preventScroll: true}); }
        scrollTo({top: 0});
        begin(fresh);
        return;
      }
      if (answer.status < 500) { location.replace(main.dataset.poll); return; }
    } catch {
      // Offline for a moment: the page stays as it is.
    }
    await pause(wait);
  }
}

function say(main, state) {
  main.dataset.state = state;
  const status = main.querySelector('[role=status]');
  const text = status && status.dataset[state];
  if (text && status.textContent !== text) status.textContent = text;
}

async function follow(main) {
  let fails = 0;
  while (main.isConnected) {
    const asked = Date.now();
    try {
      const answer = await fetch(`/jobs/${encodeURIComponent(main.dataset.job)}?wait=10`, {headers: {Accept: 'application/json'}});
      if (answer.status === 404) return show(main);
      if (!answer.ok) throw new Error(String(answer.status));
      const job = await answer.json();
      if (job.state === 'done' || job.state === 'failed') {
        main.dataset.state = job.state;
        if (job.error && job.error.code) main.dataset.code = job.error.code;
        return show(main);
      }
      fails = 0;
      say(main, job.state);
    } catch {
      fails++;
      say(main, 'offline');
    }
    // A long poll that comes back at once must not become a flood.
    await pause(Math.max(Math.min(1000 * 2 ** fails, 15_000) - (Date.now() - asked), 250));
  }
}

function choose(main) {
  const form = main.querySelector('form[data-choose]');
  if (!form) return;
  form.addEventListener('submit', async event => {
    const picked = event.submitter && event.submitter.value;
    if (!picked) return;
    event.preventDefault();
    const note = form.querySelector('[role=alert]');
    const buttons = form.querySelectorAll('button');
    const lock = on => buttons.forEach(button => { button.disabled = on; });
    lock(true);
    note.textContent = '';
    try {
      const answer = await fetch(form.action, {
        method: 'POST',
        headers: {'Content-Type': 'application/json', Accept: 'application/json'},
        body: JSON.stringify({page_id: picked}),
      });
      if (answer.status === 202) {
        main.dataset.state = 'queued';
        main.dataset.code = '';
        return show(main);
      }
      note.textContent = answer.status === 409 ? note.dataset.expired : note.dataset.failed;
      // A late choice stays closed; any other answer may be given again.
      if (answer.status !== 409) lock(false);
    } catch {
      note.textContent = note.dataset.failed;
      lock(false);
    }
  });
}

function begin(main) {
  if (!main.dataset.job) return;
  // The one-time code leaves the address bar and the history, and a reload asks for the outcome instead.
  try { history.replaceState(null, '', main.dataset.poll); } catch { /* another origin: the address bar stays */ }
  choose(main);
  if (main.dataset.state !== 'done' && main.dataset.state !== 'failed') follow(main);
}

dress(document);
const main = document.querySelector('main[data-state]');
if (main) begin(main);
})();

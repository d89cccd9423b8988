// Asking the service, and how long to wait between two questions.

const REFRESH_S = 300;
const LONGEST_PAUSE_S = 600;
const PATIENCE_MS = 40_000; // longer than any long poll we ask for

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

// Waits until somebody looks at the page.
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

// Feedkeeper's widget: one script, one element, nothing else. docs/widget.md tells how to use it.
//
//   <script async src="https://feeds.example.com/widget.js"></script>
//   <feedkeeper-feed app="demo" feed="@powr_io" columns="3" items="12" captions></feedkeeper-feed>
//
// Three rules hold everywhere. What the service sends becomes text or a checked http(s) address, never markup. What
// has been drawn stays until something better is there. What comes later finds its place kept, so that nothing moves.
//
// The service serves these files as one script, in the order of `api/src/widget.rs`, without their comments.

// Only known while the script runs for the first time. A bundled copy has no tag of its own: it needs `src`.
const SCRIPT = document.currentScript || document.querySelector('script[src*="widget.js"]');
const HOME = SCRIPT && SCRIPT.src ? new URL(SCRIPT.src).origin : location.origin;

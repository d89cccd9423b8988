// What visitors read, in the language of the nearest `lang`.

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
    view: 'View on Instagram', see: 'See {0} on Instagram', tab: '(opens in a new tab)', play: 'Play: {0}',
    previous: 'Previous', next: 'Next', place: '{0} of {1}', range: '{0}–{1} of {2}',
    IMAGE: 'Photo', VIDEO: 'Video', CAROUSEL_ALBUM: 'Album', by: '{0} by {1}',
    gallery: 'gallery', slide: 'slide', carousel: 'carousel',
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
    view: 'Auf Instagram ansehen', see: '{0} auf Instagram ansehen', tab: '(öffnet einen neuen Tab)', play: 'Abspielen: {0}',
    previous: 'Zurück', next: 'Weiter', place: '{0} von {1}', range: '{0}–{1} von {2}',
    IMAGE: 'Foto', VIDEO: 'Video', CAROUSEL_ALBUM: 'Album', by: '{0} von {1}',
    gallery: 'Galerie', slide: 'Bild', carousel: 'Karussell',
  },
};

// Which sentence a visitor reads for a reason. Visitors can do nothing about a class, so most read alike.
const REASONS = {
  not_connected: 'not_connected', token_dead: 'ended', permission_lost: 'ended', not_found: 'not_found',
  feed_not_registered: 'unregistered', app_unknown: 'unregistered', incomplete: 'incomplete',
};
// The same for hashtags, which no single account has.
const TAG_REASONS = {...REASONS, not_connected: 'no_account', not_found: 'hidden'};

const fill = (text, ...parts) => text.replace(/\{(\d)\}/g, (_, i) => parts[i]);

// The five ways in which Meta fails on the demo page.

// What each fault sets, and what is to be learnt from it. Four hit calls; the last happens to the account's owner.
export const FAULTS = {
  down: {
    set: () => ({answer: {status: 503, headers: {'content-type': 'text/html'}, body: '<h1>Sorry, something went wrong.</h1>'}}),
    title: 'Meta is down. Your site is not.',
    text: 'Feedkeeper keeps the last good posts, tries again in seconds, then ever more seldom. After ten minutes it says that they are older than they should be.',
  },
  cut: {
    set: () => ({drop: true}),
    title: 'No answer is no empty answer.',
    text: 'Nobody knows what Meta would have said. So nothing changes but the time of the next try.',
  },
  limit: {
    set: person => {
      const usage = [{type: 'instagram', call_count: 100, total_cputime: 25, total_time: 25, estimated_time_to_regain_access: 30}];
      const error = {message: '(#80002) There have been too many calls to this Instagram account.', type: 'OAuthException', code: 80002, fbtrace_id: 'Ademo'};
      return {answer: {status: 400, headers: {'x-business-use-case-usage': JSON.stringify({[person.ig_user_id]: usage})}, body: JSON.stringify({error})}};
    },
    title: 'Asked once, and not again before Meta says so.',
    text: 'This account alone waits: until its half hour is over, and then until some of its allowance is back. Whoever goes on asking is locked out for longer.',
  },
  empty: {
    path: '/media',
    set: () => ({answer: {status: 200, headers: {}, body: '{"data":[]}'}}),
    title: 'An empty list is not believed.',
    text: 'Feedkeeper asks how many posts the account has. The two answers do not fit, so the good list stays.',
  },
  password: {
    title: 'Only the owner can mend this.',
    text: 'Feedkeeper asks twice, minutes apart, before it calls a token dead. Then the owner gets one letter with one button; visitors see the posts all the while.',
  },
};

// What is added, in BullMQ's words. Each is added by either side and done by either side, and what is
// left on Redis must be the same four times. Jobs are told apart by their names and data.
//
//   plan         steps; a list of lists: more steps once the first are done
//   concurrency  jobs at once; 1 if the order is looked at
//   ordered      the order in which they begin must be the same too
//   left         states in which jobs stay

const echo = (tag, opts) => ({ add: { name: 'echo', data: { tag }, opts } });
const tags = (from, to, opts) => Array.from({ length: to - from + 1 }, (_, at) => echo(from + at, opts));

export const scenarios = {
  'results of every kind': {
    concurrency: 5,
    plan: [
      { add: { name: 'echo', data: { b: [1, 2.5, null], a: 'é "quoted" \n' } } },
      { add: { name: 'echo', data: 'text' } },
      { add: { name: 'echo' } },
      { add: { name: 'sum', data: { a: 1, b: 2 } } },
      { add: { name: 'sum', data: { a: 0.5, b: 1.5 } } },
      { add: { name: 'sum', data: { a: 'x', b: 'y' } } },
      { add: { name: 'noop' } },
      { add: { name: 'whatever' } },
      { add: { name: 'slow', data: { ms: 30 } } },
    ],
  },
  'progress and logs': {
    plan: [{ add: { name: 'progress', opts: { jobId: 'far' } } }],
  },
  'first in, first out': { ordered: true, plan: tags(1, 20) },
  'in bulk': {
    ordered: true,
    plan: [{ bulk: tags(1, 10).map(({ add }) => add) }],
  },
  'last in, first out': { ordered: true, plan: tags(1, 6, { lifo: true }) },
  priorities: {
    ordered: true,
    plan: [
      echo('p3', { priority: 3 }),
      echo('p1', { priority: 1 }),
      echo('p3 again', { priority: 3 }),
      echo('p2', { priority: 2 }),
      echo('least', { priority: 2097151 }),
      echo('none'),
      echo('p1 again', { priority: 1 }),
    ],
  },
  delays: {
    ordered: true,
    plan: [
      echo('third', { delay: 2_600 }),
      echo('first', { delay: 1_800 }),
      echo('second', { delay: 2_200, priority: 5 }),
      echo('at once'),
    ],
  },
  'many at once': { concurrency: 20, plan: [{ addMany: { name: 'noop', count: 300 } }] },
  'attempts that are enough': {
    concurrency: 3,
    plan: [
      { add: { name: 'flaky', data: { failures: 2 }, opts: { attempts: 3 } } },
      { add: { name: 'flaky', data: { failures: 1 }, opts: { attempts: 2, backoff: 30 } } },
      {
        add: {
          name: 'flaky',
          data: { failures: 3 },
          opts: { attempts: 4, backoff: { type: 'exponential', delay: 20 } },
        },
      },
      {
        add: {
          name: 'flaky',
          data: { failures: 2, jitter: true },
          opts: { attempts: 3, backoff: { type: 'fixed', delay: 40, jitter: 0.5 } },
        },
      },
      {
        add: {
          name: 'flaky',
          data: { failures: 2, custom: true },
          opts: { attempts: 3, backoff: { type: 'custom' } },
        },
      },
    ],
  },
  'attempts that are not': {
    plan: [
      { add: { name: 'flaky', data: { failures: 9 }, opts: { attempts: 2, backoff: 20 } } },
      { add: { name: 'flaky', data: { failures: 1, once: true } } },
      { add: { name: 'fatal', opts: { attempts: 5 } } },
    ],
  },
  'what is kept': {
    plan: [
      echo('gone', { removeOnComplete: true }),
      { add: { name: 'fatal', data: { tag: 'gone' }, opts: { removeOnFail: true } } },
      ...tags(1, 3, { removeOnComplete: 2 }),
      { add: { name: 'fatal', data: { tag: 'old' } } },
      { add: { name: 'fatal', data: { tag: 'new' }, opts: { removeOnFail: { count: 1 } } } },
      echo('of age', { removeOnComplete: { age: 60, count: 5 } }),
    ],
  },
  'an id of its own': {
    plan: [
      { add: { name: 'echo', data: { tag: 'first' }, opts: { jobId: 'mine' } } },
      { add: { name: 'echo', data: { tag: 'second' }, opts: { jobId: 'mine' } } },
    ],
  },
  'deduplication until it has ended': {
    plan: [
      [echo('first', { deduplication: { id: 'k' } }), echo('second', { deduplication: { id: 'k' } })],
      [echo('third', { deduplication: { id: 'k' } })],
    ],
  },
  throttle: {
    plan: [
      [
        echo('first', { deduplication: { id: 'k', ttl: 60_000 } }),
        echo('second', { deduplication: { id: 'k', ttl: 60_000 } }),
      ],
      [echo('third', { deduplication: { id: 'k', ttl: 60_000 } })],
    ],
  },
  debounce: {
    plan: ['first', 'second', 'third'].map((tag) =>
      echo(tag, { delay: 300, deduplication: { id: 'k', ttl: 300, extend: true, replace: true } }),
    ),
  },
  'replace, at the first one’s moment': {
    plan: ['first', 'second'].map((tag) =>
      echo(tag, { delay: 200, deduplication: { id: 'k', ttl: 5_000, replace: true } }),
    ),
  },
  'a flow': {
    concurrency: 3,
    plan: [
      {
        flow: {
          name: 'parent',
          data: { tag: 'top' },
          opts: { jobId: 'top' },
          children: [
            { name: 'echo', data: { tag: 'a' } },
            { name: 'sum', data: { a: 2, b: 3 }, opts: { priority: 2 } },
            { name: 'flaky', data: { failures: 1 }, opts: { attempts: 2 } },
            { name: 'parent', data: { tag: 'middle' }, children: [{ name: 'noop' }, { name: 'echo', data: 'leaf' }] },
          ],
        },
      },
    ],
  },
  'a flow that gives up on its children': {
    concurrency: 3,
    left: ['waiting-children'],
    plan: ['failParentOnFailure', 'ignoreDependencyOnFailure', 'removeDependencyOnFailure', 'continueParentOnFailure', 'none'].map(
      (policy) => ({
        flow: {
          name: 'parent',
          data: { policy },
          children: [
            { name: 'fatal', data: { policy }, opts: { delay: 300, [policy]: true } },
            { name: 'echo', data: { of: policy } },
          ],
        },
      }),
    ),
  },
  'a failure that goes all the way up': {
    concurrency: 3,
    plan: [
      {
        flow: {
          name: 'parent',
          data: { tag: 'top' },
          children: [
            {
              name: 'parent',
              data: { tag: 'middle' },
              opts: { failParentOnFailure: true },
              children: [{ name: 'fatal', opts: { failParentOnFailure: true } }],
            },
          ],
        },
      },
    ],
  },
  'a schedule of three': {
    plan: [
      { scheduler: { id: 'three', repeat: { every: 100, limit: 3 }, template: { name: 'echo', data: { tag: 'tick' } } } },
    ],
  },
  'a schedule by pattern': {
    plan: [
      {
        scheduler: {
          id: 'seconds',
          repeat: { pattern: '* * * * * *', tz: 'Europe/Berlin', limit: 2 },
          template: { name: 'echo', data: { tag: 'tick' }, opts: { priority: 4 } },
        },
      },
    ],
  },
};

// The peer of `benches/src/bin/event_loop.rs`: the same work on Node's own loop.
//
//   node benches/loop/node.cjs
'use strict';

const COUNT = 2_000_000;
const ROUNDS = 3;

const works = {
  'ticks, each queues the next': (left, done) => {
    const again = () => (left-- > 0 ? process.nextTick(again) : done());
    again();
  },
  'ticks, all queued at once': (left, done) => {
    const run = () => { if (--left === 0) done(); };
    for (let n = left; n > 0; n -= 1) process.nextTick(run);
  },
  'microtasks, each queues the next': (left, done) => {
    const again = () => (left-- > 0 ? queueMicrotask(again) : done());
    again();
  },
  'immediates, each queues the next': (left, done) => {
    const again = () => (left-- > 0 ? setImmediate(again) : done());
    again();
  },
  'immediates, all queued at once': (left, done) => {
    const run = () => { if (--left === 0) done(); };
    for (let n = left; n > 0; n -= 1) setImmediate(run);
  },
  'timers, all set at once': (left, done) => {
    const run = () => { if (--left === 0) done(); };
    for (let n = left; n > 0; n -= 1) setTimeout(run, 1);
  },
  'timers, set and cleared': (left, done) => {
    for (let n = left; n > 0; n -= 1) clearTimeout(setTimeout(() => {}, 30_000));
    setImmediate(done);
  },
};

(async () => {
  for (const [name, work] of Object.entries(works)) {
    let best = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      await new Promise((done) => { setImmediate(() => work(COUNT, done)); });
      best = Math.max(best, COUNT / (performance.now() - start) / 1e3);
    }
    console.log(`${name}: ${best.toFixed(1)} million a second`);
  }
})();

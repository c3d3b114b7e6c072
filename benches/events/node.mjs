// Emits of Node's EventEmitter, a second: `node node.mjs SECONDS`. One line for each number of
// listeners, as `src/bin/events.rs` prints them.

import { EventEmitter } from 'node:events';

const seconds = Number(process.argv[2] ?? 1);
const BATCH = 100_000;

for (const listeners of [1, 10]) {
  const emitter = new EventEmitter();
  let sum = 0;
  for (let number = 0; number < listeners; number += 1) {
    emitter.on('placed', (cents) => {
      sum += cents;
    });
  }
  const round = () => {
    for (let number = 0; number < BATCH; number += 1) emitter.emit('placed', number);
  };
  for (let number = 0; number < 10; number += 1) round();
  let best = 0;
  const start = process.hrtime.bigint();
  const since = (from) => Number(process.hrtime.bigint() - from) / 1e9;
  while (since(start) < seconds) {
    const from = process.hrtime.bigint();
    round();
    best = Math.max(best, BATCH / since(from));
  }
  if (sum === 0) throw new Error('nobody listened');
  console.log(`node ${listeners} ${(best / 1e6).toFixed(1)}`);
}

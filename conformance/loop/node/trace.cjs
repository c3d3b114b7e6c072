// Runs loop programs in Node, as the sibling interpreter runs them in Rust, and prints their traces.
//
//   node trace.cjs program.json …   one process for each program is the reference: give one
//   node trace.cjs -                the same, the program from standard input
//   node trace.cjs --batch          many programs, one on each line of standard input; for each,
//                                   its trace as one line of JSON
//
// A batch starts each program from `beforeExit`, when the one before has left nothing alive. Node
// then enters its loop anew, exactly as after a main script. A program that keeps nothing alive ends
// the process, so whoever asked begins another for the rest.
'use strict';

const fs = require('node:fs');

// The class has no name of its own to be reached by. This one never runs: it is cleared at once.
const probe = setImmediate(() => {});
const Immediate = probe.constructor;
clearImmediate(probe);

let lines = [];
let objects = new Map();
let timers = [];
let immediates = [];
let delays = new Set();

const print = (line) => lines.push(line);

process.on('uncaughtException', (error) => print(`uncaught ${error.message}`));
process.on('unhandledRejection', (error) => print(`unhandled ${error.message}`));

function run(ops) {
  for (const op of ops) step(op);
}

async function runAsync(lists) {
  if (lists.length === 0) return;
  run(lists[0]);
  for (let next = 1; next < lists.length; next += 1) {
    await null;
    run(lists[next]);
  }
}

function keep(op, object) {
  if (op.id !== undefined) objects.set(op.id, object);
}

function keepTimer(op, timer) {
  timers.push(timer);
  delays.add(op.ms);
  keep(op, timer);
}

function setTheInterval(op) {
  let begun = 0;
  const timer = setInterval(() => {
    begun += 1;
    if (begun >= op.times) clearInterval(timer);
    run(op.interval);
  }, op.ms);
  keepTimer(op, timer);
}

function clear(object) {
  if (object === undefined) return;
  if (object instanceof Immediate) clearImmediate(object);
  else clearTimeout(object);
}

function spin(millis) {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

function step(op) {
  if ('log' in op) print(op.log);
  else if ('tick' in op) process.nextTick(() => run(op.tick));
  else if ('micro' in op) queueMicrotask(() => run(op.micro));
  else if ('promise' in op) Promise.resolve().then(() => run(op.promise));
  else if ('async' in op) runAsync(op.async);
  else if ('immediate' in op) {
    const immediate = setImmediate(() => run(op.immediate));
    immediates.push(immediate);
    keep(op, immediate);
  } else if ('timeout' in op) keepTimer(op, setTimeout(() => run(op.timeout), op.ms));
  else if ('interval' in op) setTheInterval(op);
  else if ('clear' in op) clear(objects.get(op.clear));
  else if ('refresh' in op) objects.get(op.refresh)?.refresh?.();
  else if ('unref' in op) objects.get(op.unref)?.unref();
  else if ('ref' in op) objects.get(op.ref)?.ref();
  else if ('read' in op) fs.readFile(__filename, () => run(op.read));
  else if ('spin' in op) spin(op.spin);
  else if ('throw' in op) throw new Error(op.throw);
  else throw new Error(`unknown op ${JSON.stringify(op)}`);
}

function batch(programs) {
  let next = 0;
  let isRunning = false;

  const report = () => {
    fs.writeSync(1, `${JSON.stringify(lines)}\n`);
    lines = [];
    isRunning = false;
  };

  process.on('beforeExit', () => {
    if (isRunning) {
      report();
      clean();
      return;
    }
    if (next === programs.length) process.exit();
    isRunning = true;
    begin(programs[next++]);
  });
  process.on('exit', () => {
    if (isRunning) report();
  });
}

// Leaves no list of timers behind that the next program would meet, and no alarm: the last timer
// makes Node look through its lists once more.
function clean() {
  for (const timer of timers) {
    timer.ref();
    clearTimeout(timer);
  }
  for (const delay of delays) clearTimeout(setTimeout(() => {}, delay));
  for (const immediate of immediates) clearImmediate(immediate);
  objects = new Map();
  timers = [];
  immediates = [];
  delays = new Set();
  setTimeout(() => {}, 1);
}

// As a main script: what it throws is uncaught, and ticks are drained even so.
function begin(program) {
  try {
    run(program.main);
  } catch (error) {
    process.emit('uncaughtException', error);
    setImmediate(() => {});
  }
}

if (process.argv[2] === '--batch') {
  const text = fs.readFileSync(0, 'utf8');
  batch(text.split('\n').filter(Boolean).map((line) => JSON.parse(line)));
} else {
  const path = process.argv[2] === '-' ? 0 : process.argv[2];
  const program = JSON.parse(fs.readFileSync(path, 'utf8'));
  process.on('exit', () => fs.writeSync(1, lines.map((line) => `${line}\n`).join('')));
  run(program.main);
}

// Runs scenarios on Node's EventEmitter and prints their traces.
//
//   node trace.mjs scenario.json…   traces separated by a line "---"
//   node trace.mjs --batch          a scenario in each line of standard input, its trace as a JSON
//                                   list in each line of standard output

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const OPS_MAX = 20_000;

function trace(scenario) {
  const emitter = new EventEmitter();
  const lines = [];
  const functions = new Map();
  const listenerNames = new Map();
  let ops = 0;

  process.emitWarning = (warning) => {
    const monitor = warning.type === EventEmitter.errorMonitor;
    lines.push(`warn ${monitor ? 'errorMonitor' : warning.type} ${warning.count}`);
  };

  const named = (event) => (event === 'errorMonitor' ? EventEmitter.errorMonitor : event);

  const functionOf = ([event, listener]) => {
    const key = JSON.stringify([event, listener]);
    if (!functions.has(key)) {
      const fn = () => {
        lines.push(`${listener}(${event})`);
        run(scenario.listeners[listener]);
      };
      functions.set(key, fn);
      listenerNames.set(fn, listener);
    }
    return functions.get(key);
  };

  const list = (of, items) => lines.push(items.length ? `${of} ${items.join(',')}` : of);

  const known = {
    on: (pair) => emitter.on(named(pair[0]), functionOf(pair)),
    once: (pair) => emitter.once(named(pair[0]), functionOf(pair)),
    prepend: (pair) => emitter.prependListener(named(pair[0]), functionOf(pair)),
    prependOnce: (pair) => emitter.prependOnceListener(named(pair[0]), functionOf(pair)),
    off: (pair) => emitter.removeListener(named(pair[0]), functionOf(pair)),
    removeAll: (event) =>
      event === true ? emitter.removeAllListeners() : emitter.removeAllListeners(named(event)),
    emit: (event) => {
      const emitted =
        event === 'error' ? emitter.emit('error', new Error('e')) : emitter.emit(named(event));
      lines.push(`emit ${event} ${emitted}`);
    },
    count: (event) => lines.push(`count ${event} ${emitter.listenerCount(named(event))}`),
    names: () => list('names', emitter.eventNames().filter((name) => typeof name === 'string')),
    list: (event) =>
      list(`list ${event}`, emitter.listeners(named(event)).map((fn) => listenerNames.get(fn))),
    max: (listeners) => emitter.setMaxListeners(listeners),
    throw: (message) => {
      throw new Error(message);
    },
    try: (body) => catching(() => run(body)),
  };

  const runOp = (op) => {
    ops += 1;
    if (ops > OPS_MAX) throw new Error('out of fuel');
    const [[name, argument]] = Object.entries(op);
    known[name](argument);
  };
  const run = (body) => body.forEach(runOp);
  const catching = (work) => {
    try {
      work();
    } catch (error) {
      lines.push(`threw ${error.message}`);
    }
  };

  for (const op of scenario.main) catching(() => runOp(op));
  return lines;
}

if (process.argv[2] === '--batch') {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(trace(JSON.parse(line)))}\n`);
  }
} else {
  const traces = process.argv.slice(2).map((file) => trace(JSON.parse(readFileSync(file, 'utf8'))));
  const text = (lines) => lines.map((line) => `${line}\n`).join('');
  process.stdout.write(traces.map(text).join('---\n'));
}

// The two sides, as commands: Node's `peer.mjs` and our `conformance-queue`.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const url = process.env.QUEUE_URL ?? 'redis://127.0.0.1/';
export const prefix = process.env.PREFIX ?? `conformance-${process.pid}`;
export const DEADLINE_MS = 20_000;

const commands = {
  node: [process.execPath, fileURLToPath(new URL('peer.mjs', import.meta.url))],
  ours: [process.env.CONFORMANCE_QUEUE ?? 'conformance-queue'],
};

const plans = mkdtempSync(join(tmpdir(), 'bullmq-conformance-'));
process.once('exit', () => rmSync(plans, { recursive: true }));
let planCount = 0;

function start(side, args, queue, concurrency) {
  const [program, ...first] = commands[side];
  return spawn(program, [...first, ...args], {
    env: { ...process.env, QUEUE_URL: url, QUEUE: queue, PREFIX: prefix, CONCURRENCY: String(concurrency) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const ended = (child) =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });

// Adds what the plan says; the answers.
export async function produce(side, queue, plan) {
  const path = join(plans, `${planCount++}.json`);
  writeFileSync(path, JSON.stringify(plan));
  const child = start(side, ['produce', path], queue, 1);
  let text = '';
  child.stdout.on('data', (part) => (text += part));
  const code = await ended(child);
  if (code !== 0) throw new Error(`${side} produce ended with ${code}`);
  return text.trim().split('\n').map((line) => JSON.parse(line));
}

// A worker that is ready; `stop` asks it to end and fails unless it ends well.
export async function consume(side, queue, concurrency = 1) {
  const child = start(side, ['consume'], queue, concurrency);
  const end = ended(child);
  await new Promise((resolve, reject) => {
    child.stdout.once('data', (first) => {
      JSON.parse(first).ready ? resolve() : reject(new Error(`${side} said ${first}`));
    });
    end.then((code) => reject(new Error(`${side} consume ended with ${code}`)), reject);
  });
  return {
    kill() {
      child.kill('SIGKILL');
      return end;
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await end;
      if (code !== 0) throw new Error(`${side} consume ended with ${code}`);
    },
  };
}

// Waits until `check` answers something true, which it returns.
export async function until(what, check, deadlineMs = DEADLINE_MS) {
  const last = Date.now() + deadlineMs;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > last) throw new Error(`it did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Every scenario, added by either side and done by either side: what is left must be the same.

import { isDeepStrictEqual } from 'node:util';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { connection } from './peer.mjs';
import { scenarios } from './scenarios.mjs';
import { consume, prefix, produce, until, url } from './sides.mjs';

const SIDES = ['node', 'ours'];
const ALL = ['waiting', 'active', 'delayed', 'prioritized', 'waiting-children', 'completed', 'failed'];
const ENDED = ['completed', 'failed'];

// What is the same whoever did it: not the ids that were made, the times, and who it was.
async function told(job) {
  const { name, data, returnvalue, failedReason, attemptsMade, attemptsStarted, progress, priority } = job;
  const children = await job.getDependenciesCount();
  return {
    state: await job.getState(),
    id: job.opts.jobId && !job.repeatJobKey ? job.id : undefined,
    logs: (await job.queue.getJobLogs?.(job.id))?.logs,
    failedReason: failedReason?.replace(/child \S+ failed/, 'child … failed'),
    // A parent fails with its child here, and with BullMQ as soon as a worker takes it.
    attempts: failedReason?.startsWith('child') ? undefined : [attemptsMade, attemptsStarted],
    ...{ name, data, returnvalue, progress, priority, children },
    schedule: job.repeatJobKey,
    parent: job.parent ? (await Queue.prototype.getJob.call(job.queue, job.parent.id))?.data : undefined,
    opts: options(job.opts),
  };
}

// BullMQ writes `attempts: 0` where nothing was said, we what that means; ours have no `purlin` then.
function options(opts) {
  const { attempts, backoff, removeOnComplete, removeOnFail, deduplication, priority, lifo } = opts;
  const normal = Number.isFinite(backoff) ? { type: 'fixed', delay: backoff } : backoff;
  return JSON.parse(
    JSON.stringify({
      attempts: attempts || 1,
      backoff: normal && { ...normal, delay: normal.delay ?? 0 },
      removeOnComplete: plain(removeOnComplete),
      removeOnFail: plain(removeOnFail),
      priority: priority || undefined,
      lifo: lifo || undefined,
      deduplication,
      repeat: opts.repeat && { ...opts.repeat, offset: undefined, startDate: undefined },
    }),
  );
}

// `{ count: 1 }` and `1` say the same.
const plain = (keep) => (keep?.count !== undefined && keep.age === undefined ? keep.count : keep);

// The text of a value, whatever the order of its keys.
const canonical = (value) =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );

async function isDone(queue, left) {
  const open = ALL.filter((state) => !ENDED.includes(state) && !left.includes(state));
  const counts = await queue.getJobCounts(...open);
  return Object.values(counts).every((count) => count === 0);
}

async function started(queue) {
  const redis = new Redis(url);
  const events = await redis.xrange(`${prefix}:${queue.name}:events`, '-', '+');
  await redis.quit();
  const active = events.map(([, fields]) => fields).filter((fields) => fields[fields.indexOf('event') + 1] === 'active');
  const ids = active.map((fields) => fields[fields.indexOf('jobId') + 1]);
  return Promise.all(ids.map(async (id) => (await queue.getJob(id))?.data.tag));
}

async function outcome(scenario, name, producer, consumer) {
  const { plan, concurrency = 1, ordered = false, left = [] } = scenario;
  const queue = new Queue(name, { connection, prefix });
  try {
    const parts = Array.isArray(plan[0]) ? plan : [plan];
    let worker;
    for (const steps of parts) {
      await produce(producer, name, steps);
      worker ??= await consume(consumer, name, concurrency);
      await until(`${name} is done`, () => isDone(queue, left));
    }
    await worker.stop();
    const jobs = await queue.getJobs(ALL, 0, -1);
    const states = await Promise.all(jobs.map(told));
    states.sort((one, other) => (canonical(one) < canonical(other) ? -1 : 1));
    return { jobs: states, order: ordered ? await started(queue) : undefined };
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
  }
}

// The sides' pairs one after another, so that no two disturb the times of each other.
async function compare(title, scenario, at) {
  const outcomes = [];
  for (const producer of SIDES) {
    for (const consumer of SIDES) {
      const name = `m${at}-${producer}-${consumer}`;
      outcomes.push({ name: `${producer} adds, ${consumer} works`, is: await outcome(scenario, name, producer, consumer) });
    }
  }
  const [expected, ...others] = outcomes;
  const different = others.filter(({ is }) => !isDeepStrictEqual(is, expected.is));
  for (const { name, is } of different) {
    console.error(`${title}: ${name} left\n${text(without(is, expected.is))}\ninstead of\n${text(without(expected.is, is))}`);
  }
  return different.length === 0;
}

// What of one outcome is not in another.
const without = (one, other) => ({
  order: isDeepStrictEqual(one.order, other.order) ? 'the same' : one.order,
  count: one.jobs.length,
  jobs: one.jobs.filter((job) => !other.jobs.some((same) => isDeepStrictEqual(job, same))),
});

const text = (value) => JSON.stringify(value, undefined, 1);

// Every scenario, a few at a time; the titles of those that differ.
export async function matrix(only) {
  const open = Object.entries(scenarios).filter(([title]) => !only || title.includes(only));
  const failed = [];
  const lane = async () => {
    for (let next = open.shift(); next; next = open.shift()) {
      const [title, scenario] = next;
      const at = Object.keys(scenarios).indexOf(title);
      const same = await compare(title, scenario, at).catch((error) => {
        console.error(`${title}: ${error.stack}`);
        return false;
      });
      console.log(`${same ? 'same' : 'DIFFERENT'}: ${title}`);
      if (!same) failed.push(title);
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return failed;
}

// What the two sides do together in one queue, step by step.

import assert from 'node:assert/strict';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Queue, QueueEvents } from 'bullmq';
import { connection } from './peer.mjs';
import { consume, prefix, produce, until } from './sides.mjs';

const echo = (tag, opts) => ({ add: { name: 'echo', data: { tag }, opts } });
const other = { node: 'ours', ours: 'node' };

const done = (queue, state, count) =>
  until(`${count} ${state} in ${queue.name}`, async () => (await queue.getJobCountByTypes(state)) === count);

const tagsOf = async (queue, state) => (await queue.getJobs(state, 0, -1, true)).map((job) => job.data.tag);

// Bull-board, asked as its page asks it.
function board(queue) {
  const routes = new Map();
  let queues;
  const adapter = {
    setQueues: (given) => ((queues = given), adapter),
    setApiRoutes(given) {
      for (const { method, route, handler } of given) routes.set(`${[method].flat()[0]} ${route}`, handler);
      return adapter;
    },
  };
  for (const word of ['setViewsPath', 'setStaticPath', 'setUIConfig', 'setEntryRoute', 'setErrorHandler']) {
    adapter[word] = () => adapter;
  }
  createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter: adapter, options: { uiBasePath: '.', uiConfig: {} } });
  return (route, params = {}, query = {}) => routes.get(route)({ queues, params, query, body: {}, headers: {}, uiConfig: {} });
}

const tests = {
  async 'bull-board lists, retries and promotes our jobs'(queue) {
    const ask = board(queue);
    const [fatal, late] = await produce('ours', queue.name, [
      { add: { name: 'fatal', data: { tag: 'f' }, opts: { jobId: 'fatal-one' } } },
      echo('late', { delay: 3_600_000, jobId: 'late-one' }),
    ]);
    const worker = await consume('ours', queue.name);
    await done(queue, 'failed', 1);
    const list = async (status) => {
      const { body } = await ask('get /api/queues', {}, { activeQueue: queue.name, status, page: '1', jobsPerPage: '10' });
      return body.queues[0];
    };
    const failed = await list('failed');
    assert.equal(failed.counts.failed, 1);
    assert.deepEqual(
      failed.jobs.map(({ id, name, failedReason, attempts }) => ({ id, name, failedReason, attempts })),
      [{ id: fatal.id, name: 'fatal', failedReason: 'never again', attempts: 1 }],
    );
    assert.deepEqual((await list('delayed')).jobs.map(({ id }) => id), [late.id]);
    const of = (jobId) => ({ queueName: queue.name, jobId });
    assert.equal((await ask('put /api/queues/:queueName/:jobId/retry', of(fatal.id), {})).status, 204);
    await until('it failed again', async () => (await queue.getJob(fatal.id)).attemptsMade === 2);
    assert.equal((await ask('put /api/queues/:queueName/:jobId/promote', of(late.id))).status, 204);
    await done(queue, 'completed', 1);
    assert.equal((await ask('put /api/queues/:queueName/:jobId/clean', of(late.id))).status, 204);
    assert.equal(await queue.getJobCountByTypes('completed'), 0);
    await worker.stop();
  },

  async 'a key that one side took keeps the other out'(queue, side) {
    const opts = { deduplication: { id: 'k', ttl: 60_000 } };
    const [first] = await produce(side, queue.name, [echo('first', opts)]);
    const [second] = await produce(other[side], queue.name, [echo('second', opts)]);
    assert.equal(second.id, first.id);
    assert.deepEqual(await tagsOf(queue, 'waiting'), ['first']);
  },

  async 'the last one is kept while one runs, whoever runs it'(queue, side) {
    const opts = { deduplication: { id: 'k', keepLastIfActive: true } };
    const slow = { add: { name: 'slow', data: { ms: 6_000, tag: 'running' }, opts } };
    await produce(side, queue.name, [slow]);
    const worker = await consume(other[side], queue.name);
    await done(queue, 'active', 1);
    await produce(side, queue.name, [echo('dropped', opts)]);
    await produce(other[side], queue.name, [echo('last', opts)]);
    await done(queue, 'completed', 2);
    assert.deepEqual((await tagsOf(queue, 'completed')).sort(), ['last', 'running']);
    await worker.stop();
  },

  async 'a job whose worker is killed is done by the other side'(queue, side) {
    await produce(side, queue.name, [{ add: { name: 'slow', data: { ms: 1_000, tag: 'twice' } } }]);
    const doomed = await consume(side, queue.name);
    await done(queue, 'active', 1);
    await doomed.kill();
    const worker = await consume(other[side], queue.name);
    await done(queue, 'completed', 1);
    const [job] = await queue.getJobs('completed');
    assert.deepEqual([job.attemptsMade, job.attemptsStarted, job.stalledCounter], [1, 2, 1]);
    await worker.stop();
  },

  async 'a worker that is told to stop finishes what it runs'(queue, side) {
    await produce(side, queue.name, [{ add: { name: 'slow', data: { ms: 700, tag: 'last' } } }]);
    const worker = await consume(side, queue.name);
    await done(queue, 'active', 1);
    await worker.stop();
    assert.deepEqual(await tagsOf(queue, 'completed'), ['last']);
  },

  async 'a queue that Node has paused is left alone'(queue) {
    await queue.pause();
    const worker = await consume('ours', queue.name);
    await produce('ours', queue.name, [echo('later')]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await queue.getJobCountByTypes('completed'), 0);
    await queue.resume();
    await done(queue, 'completed', 1);
    await worker.stop();
  },

  async 'Node waits for what we do, and hears of it'(queue) {
    const events = new QueueEvents(queue.name, { connection, prefix });
    await events.waitUntilReady();
    const heard = [];
    for (const event of ['active', 'progress', 'completed']) events.on(event, () => heard.push(event));
    const worker = await consume('ours', queue.name);
    const job = await queue.add('progress', {});
    assert.equal(await job.waitUntilFinished(events, 10_000), null);
    const failing = await queue.add('fatal', {});
    await assert.rejects(failing.waitUntilFinished(events, 10_000), /never again/);
    await until('all was heard', () => heard.includes('completed'));
    assert.deepEqual(heard.slice(0, 4), ['active', 'progress', 'progress', 'completed']);
    await worker.stop();
    await events.close();
  },

  async 'a schedule that one side put in is read, gone on with and removed by the other'(queue, side) {
    const template = { name: 'echo', data: { tag: 'tick' }, opts: { attempts: 2 } };
    await produce(side, queue.name, [{ scheduler: { id: 'often', repeat: { every: 200 }, template } }]);
    const [scheduler] = await queue.getJobSchedulers();
    assert.deepEqual([scheduler.key, scheduler.name, scheduler.every], ['often', 'echo', 200]);
    assert.deepEqual(scheduler.template.data, { tag: 'tick' });
    for (const worker of [side, other[side], side]) {
      const before = await queue.getJobCountByTypes('completed');
      const running = await consume(worker, queue.name);
      await until('more ticks', async () => (await queue.getJobCountByTypes('completed')) >= before + 2);
      await running.stop();
    }
    assert.equal(await queue.removeJobScheduler('often'), true);
    assert.equal(await queue.getJobCountByTypes('delayed'), 0);
  },

  async 'a child that the other side retries releases the parent'(queue, side) {
    const children = [{ name: 'flaky', data: { failures: 1, tag: 'child' } }];
    await produce(side, queue.name, [{ flow: { name: 'parent', data: { tag: 'parent' }, children } }]);
    const worker = await consume(other[side], queue.name);
    await done(queue, 'failed', 1);
    assert.equal(await queue.getJobCountByTypes('waiting-children'), 1);
    const [child] = await queue.getJobs('failed');
    await child.retry('failed');
    await done(queue, 'completed', 2);
    await worker.stop();
  },
};

async function run(title, test, name, side) {
  const queue = new Queue(name, { connection, prefix });
  try {
    await test(queue, side);
    console.log(`same: ${title}, ${side} first`);
    return true;
  } catch (error) {
    console.error(`DIFFERENT: ${title}, ${side} first: ${error.stack}`);
    return false;
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
  }
}

// Every test that is told apart by a side begins with either; the titles of those that fail.
export async function across(only) {
  const runs = Object.entries(tests).flatMap(([title, test], at) =>
    (test.length > 1 ? ['node', 'ours'] : ['ours']).map((side) => [title, test, `a${at}-${side}`, side]),
  );
  const open = runs.filter(([title]) => !only || title.includes(only));
  const failed = [];
  const lane = async () => {
    for (let next = open.shift(); next; next = open.shift()) {
      if (!(await run(...next))) failed.push(next[0]);
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return failed;
}

// The counterpart of `conformance-queue` on Node's bullmq: the same commands, the same environment.
//
//   node peer.mjs produce PLAN.json
//   node peer.mjs consume

import { readFileSync } from 'node:fs';
import { FlowProducer, Queue, UnrecoverableError, Worker } from 'bullmq';

const url = new URL(process.env.QUEUE_URL ?? 'redis://127.0.0.1/');
export const connection = {
  host: url.hostname,
  port: Number(url.port || 6379),
  db: Number(url.pathname.slice(1) || 0),
  maxRetriesPerRequest: null,
};
const queueName = process.env.QUEUE ?? 'conformance';
const prefix = process.env.PREFIX ?? 'bull';
const IN_FLIGHT = 500;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const line = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const processors = {
  echo: async (job) => job.data,
  noop: async () => null,
  sum: async (job) => ({ sum: job.data.a + job.data.b }),
  async flaky(job) {
    if (job.attemptsMade < job.data.failures) throw new Error(`try ${job.attemptsMade + 1}`);
    return { made: job.attemptsMade };
  },
  async fatal() {
    throw new UnrecoverableError('never again');
  },
  async slow(job) {
    await sleep(job.data.ms);
    return 'slept';
  },
  async progress(job) {
    await job.updateProgress(50);
    await job.log('half way');
    await job.updateProgress({ done: 100 });
    return null;
  },
  async parent(job) {
    const values = Object.values(await job.getChildrenValues());
    return { children: values.map((value) => JSON.stringify(value)).sort() };
  },
};

async function consume() {
  const worker = new Worker(
    queueName,
    async (job) => (processors[job.name] ?? (async () => ({ name: job.name })))(job),
    {
      connection,
      prefix,
      concurrency: Number(process.env.CONCURRENCY ?? 1),
      lockDuration: 5000,
      stalledInterval: 1000,
      settings: { backoffStrategy: (attemptsMade) => 40 * attemptsMade },
    },
  );
  worker.on('error', (error) => console.error(error.message));
  const told = new Promise((resolve) => process.once('SIGTERM', resolve));
  await worker.waitUntilReady();
  line({ ready: true });
  await told;
  await worker.close();
}

const tree = (node) => ({
  ...node,
  queueName,
  children: node.children?.map(tree),
});

async function addMany(queue, { name, count }) {
  const begun = Date.now();
  let left = count;
  const lane = async () => {
    while (left-- > 0) await queue.add(name, {});
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return [{ added: count, ms: Date.now() - begun }];
}

async function run(queue, flows, step) {
  if (step.add) {
    const { name, data, opts } = step.add;
    return [{ id: (await queue.add(name, data, opts)).id }];
  }
  if (step.bulk) return (await queue.addBulk(step.bulk)).map(({ id }) => ({ id }));
  if (step.flow) return [{ id: (await flows.add(tree(step.flow))).job.id }];
  if (step.scheduler) {
    const { id, repeat, template } = step.scheduler;
    await queue.upsertJobScheduler(id, repeat, template);
    return [{ id }];
  }
  return addMany(queue, step.addMany);
}

async function produce(path) {
  const queue = new Queue(queueName, { connection, prefix });
  const flows = new FlowProducer({ connection, prefix });
  for (const step of JSON.parse(readFileSync(path, 'utf8'))) {
    for (const answer of await run(queue, flows, step)) line(answer);
  }
  await Promise.all([queue.close(), flows.close()]);
}

if (process.argv[2] === 'produce') await produce(process.argv[3]);
if (process.argv[2] === 'consume') await consume();

// A trivial route, and one that computes for 200 ms in piscina, as ours does on the CPU pool.
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import Piscina from 'piscina';
import { compute } from './compute.mjs';

const TRIED = 10_000_000;
compute(TRIED); // The compiler has its time before the clock starts.
let quickest = Infinity;
for (let tries = 0; tries < 7; tries += 1) {
  const begun = performance.now();
  compute(TRIED);
  quickest = Math.min(quickest, performance.now() - begun);
}
const steps = Math.round((TRIED * 200) / quickest);

// As many threads as ours. NICENESS is what piscina calls an increment; 0 is its default.
const niceness = Number(process.env.NICENESS ?? 0);
const pool = new Piscina({
  filename: new URL('./compute.mjs', import.meta.url).href,
  minThreads: availableParallelism(),
  maxThreads: availableParallelism(),
  ...(niceness ? { niceIncrement: niceness } : {}),
});

const server = createServer(async (request, response) => {
  if (request.url === '/hello') {
    response.setHeader('content-type', 'text/plain');
    return response.end('hello');
  }
  if (request.url === '/compute') {
    return response.end(String(await pool.run(steps)));
  }
  response.statusCode = 404;
  return response.end();
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const { address, port } = server.address();
  console.log(`listening ${address}:${port} after_us=0`);
});

// Runs everything; fails if anything is different. A word runs what has it in its title.

import { Redis } from 'ioredis';
import { across } from './across.mjs';
import { matrix } from './matrix.mjs';
import { prefix, url } from './sides.mjs';

async function clean() {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1000 })) {
    if (keys.length > 0) await redis.del(...keys);
  }
  await redis.quit();
}

const only = process.argv[2];
try {
  const failed = [...(await matrix(only)), ...(await across(only))];
  console.log(failed.length === 0 ? 'all is the same' : `different: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  await clean();
}

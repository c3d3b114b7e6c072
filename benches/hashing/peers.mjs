// `peers.mjs node-rs|argon2 SECONDS` prints the hashes a second, one after another, with the parameters
// of ours. The packages are those of conformance/identity.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../conformance/identity/package.json', import.meta.url));
const options = { memoryCost: 19456, timeCost: 2, parallelism: 1 };
const password = 'correct horse battery staple';
const contestants = {
  'node-rs': () => require('@node-rs/argon2').hashSync(password, options),
  argon2: () => require('argon2').hash(password, options),
};

const hash = contestants[process.argv[2]];
await hash();
const seconds = Number(process.argv[3]);
const begun = performance.now();
let hashes = 0;
while (performance.now() - begun < seconds * 1000) {
  await hash();
  hashes += 1;
}
console.log(((hashes / (performance.now() - begun)) * 1000).toFixed(2));

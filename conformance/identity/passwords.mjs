// Makes hashes with npm's bcrypt, argon2 and @node-rs/argon2, and node's own scrypt; checks ours.
// One request as JSON on stdin, one answer as JSON on stdout.
import { randomBytes, scryptSync } from 'node:crypto';
import { text } from 'node:stream/consumers';
import nodeRs from '@node-rs/argon2';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';

const { make = [], check = [] } = JSON.parse(await text(process.stdin));
const bare = (bytes) => bytes.toString('base64').replaceAll('=', '');

function scrypt(password) {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 14, r: 8, p: 1 });
  return `$scrypt$ln=14,r=8,p=1$${bare(salt)}$${bare(hash)}`;
}

async function hashes(password) {
  const small = { memoryCost: 1024, timeCost: 2, parallelism: 2 };
  const kinds = [argon2.argon2d, argon2.argon2i, argon2.argon2id];
  return [
    await bcrypt.hash(password, 4),
    await bcrypt.hash(password, await bcrypt.genSalt(5, 'a')),
    await argon2.hash(password), // its defaults: 64 MiB, 3 passes, 4 lanes
    ...(await Promise.all(kinds.map((type) => argon2.hash(password, { ...small, type })))),
    await nodeRs.hash(password), // its defaults
    await nodeRs.hash(password, { ...small, algorithm: nodeRs.Algorithm.Argon2i }),
    scrypt(password),
  ];
}

const made = [];
for (const password of make) {
  for (const hash of await hashes(password)) made.push({ password, hash });
}

const checked = [];
for (const { password, hash } of check) {
  const tries = (verify) => Promise.all([password, `x${password}`].map((tried) => verify(hash, tried)));
  checked.push({ argon2: await tries(argon2.verify), node_rs: await tries(nodeRs.verify) });
}

process.stdout.write(JSON.stringify({ made, checked }));

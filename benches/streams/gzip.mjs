// `gzip.mjs FROM TO LEVEL`: stream.pipeline from a file through node:zlib into a file.
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const [from, to, level] = process.argv.slice(2);
const begun = process.hrtime.bigint();
await pipeline(createReadStream(from), createGzip({ level: Number(level) }), createWriteStream(to));
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
console.log(
  JSON.stringify({ seconds, read: statSync(from).size, written: statSync(to).size, peak_kb: Number(peak) }),
);

// Fastify 5 with its own plugins: a bearer token, a role, a rate limit that counts and is not reached,
// and one row by its id. `guarded.mjs cached` lets the plugin remember the tokens it has verified.
import { generateKeyPairSync } from 'node:crypto';
import Fastify from 'fastify';
import jwt from '@fastify/jwt';
import rateLimit from '@fastify/rate-limit';
import { announce, openBooks, port } from './book.mjs';

const algorithm = process.env.ALGORITHM ?? 'EdDSA';
const pair = () => generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const asymmetric = ({ privateKey, publicKey }) => ({ private: privateKey, public: publicKey });
const secret = algorithm === 'HS256' ? 'a secret of thirty-two bytes and more' : asymmetric(pair());

const book = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    title: { type: 'string' },
    authors: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
    year: { type: 'integer' },
    language: { type: 'string' },
    subject: { type: 'string' },
    price_cents: { type: 'integer' },
    stock: { type: 'integer' },
    created_at: { type: 'string' },
  },
};

const read = openBooks();
const app = Fastify();
await app.register(jwt, {
  secret,
  sign: { algorithm, iss: 'bench', aud: 'bench', expiresIn: '15m' },
  verify: {
    algorithms: [algorithm],
    allowedIss: 'bench',
    allowedAud: 'bench',
    cache: process.argv[2] === 'cached',
  },
});
await app.register(rateLimit, {
  global: true,
  hook: 'preHandler',
  max: 100_000_000,
  timeWindow: 1000,
  keyGenerator: (request) => request.user.sub,
});
const staff = async (request, reply) => {
  await request.jwtVerify();
  if (!request.user.roles.includes('staff')) return reply.code(403).send({ title: 'not allowed' });
};
app.get('/guarded/books/:id', { onRequest: staff, schema: { response: { 200: book } } }, (request, reply) => {
  const row = read(request.params.id);
  if (!row) return reply.code(404).send({ title: 'no such book' });
  reply.send(row);
});
await app.listen({ port, host: '127.0.0.1' });
console.log(`token ${app.jwt.sign({ sub: 'user-7', roles: ['staff'] })}`);
announce(app.server.address().port);

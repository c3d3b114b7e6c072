// Fastify 5, validation and fast serialisation by JSON schemas: its documented best.
import Fastify from 'fastify';
import { HelloService, accept, announce, openBooks, openShop, port } from './book.mjs';

const fields = {
  title: { type: 'string', minLength: 1, maxLength: 300 },
  authors: {
    type: 'array',
    minItems: 1,
    maxItems: 20,
    items: {
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: { name: { type: 'string', minLength: 1, maxLength: 200 } },
    },
  },
  year: { type: 'integer', minimum: -3000, maximum: 2100 },
  language: { type: 'string', pattern: '^[a-z]{2}$' },
  subject: { type: 'string', minLength: 1, maxLength: 100 },
  price_cents: { type: 'integer', minimum: 0, maximum: 10_000_000 },
  stock: { type: 'integer', minimum: 0, maximum: 1_000_000 },
};
const newBook = { type: 'object', required: Object.keys(fields), additionalProperties: false, properties: fields };
const book = { type: 'object', properties: { id: { type: 'string' }, ...fields, created_at: { type: 'string' } } };
const link = { type: 'object', properties: { href: { type: 'string' } } };
const links = { type: 'object', properties: { self: link, collection: link, cover: link, reviews: link } };
const shopBook = { type: 'object', properties: { ...book.properties, _links: links } };
const greeting = { type: 'object', properties: { message: { type: 'string' } } };

const hello = new HelloService();
const read = openBooks();
const readShop = openShop();
// Fastify's default removes unknown fields silently and bends types; a refusal is what is compared.
const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false } } });
app.get('/hello/:name', { schema: { response: { 200: greeting } } }, (request, reply) =>
  reply.send(hello.greet(request.params.name)),
);
app.post('/books', { schema: { body: newBook, response: { 201: book } } }, (request, reply) =>
  reply.code(201).send(accept(request.body)),
);
app.get('/books/:id', { schema: { response: { 200: book } } }, (request, reply) => {
  const row = read(request.params.id);
  if (!row) return reply.code(404).send({ title: 'no such book' });
  reply.send(row);
});
app.get('/api/v2/books/:id', { schema: { response: { 200: shopBook } } }, (request, reply) => {
  const row = readShop(request.params.id);
  if (!row) return reply.code(404).send({ title: 'no such book' });
  reply.send(row);
});
await app.listen({ port, host: '127.0.0.1' });
announce(app.server.address().port);

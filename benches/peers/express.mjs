// Express 5, validation by zod.
import express from 'express';
import { z } from 'zod';
import { HelloService, accept, announce, openBooks, port } from './book.mjs';

const NewBook = z.strictObject({
  title: z.string().min(1).max(300),
  authors: z.array(z.strictObject({ name: z.string().min(1).max(200) })).min(1).max(20),
  year: z.int().min(-3000).max(2100),
  language: z.string().regex(/^[a-z]{2}$/),
  subject: z.string().min(1).max(100),
  price_cents: z.int().min(0).max(10_000_000),
  stock: z.int().min(0).max(1_000_000),
});

const hello = new HelloService();
const read = openBooks();
const app = express();
app.use(express.json());
app.get('/hello/:name', (request, response) => response.json(hello.greet(request.params.name)));
app.post('/books', (request, response) => {
  const book = NewBook.safeParse(request.body);
  if (!book.success) return response.status(422).json({ title: 'not a book', errors: book.error.issues });
  response.status(201).json(accept(book.data));
});
app.get('/books/:id', (request, response) => {
  const book = read(request.params.id);
  if (!book) return response.status(404).json({ title: 'no such book' });
  response.json(book);
});
const server = app.listen(port, '127.0.0.1', () => announce(server.address().port));

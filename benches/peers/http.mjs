// node:http and nothing else, with the checks written by hand.
import { createServer } from 'node:http';
import { HelloService, accept, announce, openBooks, port } from './book.mjs';

const hello = new HelloService();
const read = openBooks();

const text = (value, min, max) => typeof value === 'string' && value.length >= min && value.length <= max;
const whole = (value, min, max) => Number.isInteger(value) && value >= min && value <= max;
const author = (value) =>
  value !== null && typeof value === 'object' && Object.keys(value).length === 1 && text(value.name, 1, 200);
const fields = {
  title: (v) => text(v, 1, 300),
  authors: (v) => Array.isArray(v) && v.length >= 1 && v.length <= 20 && v.every(author),
  year: (v) => whole(v, -3000, 2100),
  language: (v) => typeof v === 'string' && /^[a-z]{2}$/.test(v),
  subject: (v) => text(v, 1, 100),
  price_cents: (v) => whole(v, 0, 10_000_000),
  stock: (v) => whole(v, 0, 1_000_000),
};
const valid = (book) =>
  book !== null &&
  typeof book === 'object' &&
  Object.keys(book).every((name) => name in fields) &&
  Object.entries(fields).every(([name, check]) => check(book[name]));

function answer(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function create(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    let book;
    try {
      book = JSON.parse(Buffer.concat(chunks).toString());
    } catch {
      return answer(response, 400, { title: 'malformed JSON' });
    }
    if (!valid(book)) return answer(response, 422, { title: 'not a book' });
    answer(response, 201, accept(book));
  });
}

const server = createServer((request, response) => {
  const { method, url } = request;
  if (method === 'GET' && url.startsWith('/hello/'))
    return answer(response, 200, hello.greet(decodeURIComponent(url.slice(7))));
  if (method === 'POST' && url === '/books') return create(request, response);
  if (method === 'GET' && url.startsWith('/books/')) {
    const book = read(url.slice(7));
    return book ? answer(response, 200, book) : answer(response, 404, { title: 'no such book' });
  }
  answer(response, 404, { title: 'no such route' });
});
server.listen(port, '127.0.0.1', () => announce(server.address().port));

// What every peer serves: the greeting, the book's fields, and the read of one row.
import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';

export class HelloService {
  greet(name) {
    return { message: `Hello, ${name}` };
  }
}

export const accept = (book) => ({ id: '1', ...book });

// A prepared read of one book, inline on the event loop: better-sqlite3 is synchronous.
export function openBooks(path = process.env.DB) {
  if (!path) return () => undefined;
  const db = new Database(path, { readonly: true });
  const read = db.prepare(
    'SELECT id, title, authors, year, language, subject, price_cents, stock, created_at FROM books WHERE id = ?',
  );
  return (id) => {
    const row = read.get(id);
    if (row) row.authors = JSON.parse(row.authors);
    return row;
  };
}

// The bookshop's own answer, from its database.
export function openShop(path = process.env.SHOP) {
  if (!path) return () => undefined;
  const db = new Database(path, { readonly: true });
  const read = db
    .prepare(
      'SELECT id, title, authors, year, language, subject, price_cents, stock, created_at FROM books WHERE id = ?',
    )
    .safeIntegers(false);
  return (id) => {
    const row = read.get(id);
    if (!row) return row;
    row.authors = JSON.parse(row.authors).map((name) => ({ name }));
    const micros = String(row.created_at % 1000).padStart(3, '0');
    row.created_at = new Date(Math.floor(row.created_at / 1000)).toISOString().replace('Z', `${micros}Z`);
    const href = `/api/v2/books/${row.id}`;
    row._links = {
      self: { href },
      collection: { href: '/api/v2/books' },
      cover: { href: `${href}/cover` },
      reviews: { href: `${href}/reviews` },
    };
    return row;
  };
}

export const port = Number(process.env.PORT ?? 0);

// The line the runner waits for.
export function announce(port) {
  console.log(`listening 127.0.0.1:${port} after_us=${Math.round(performance.now() * 1000)}`);
}

export const version = (name) =>
  JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version;

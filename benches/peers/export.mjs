// `export.mjs LEVEL`: a table as CSV in gzip by Express, better-sqlite3's iterator and node:zlib.
import Database from 'better-sqlite3';
import express from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { announce, port } from './book.mjs';

const PIECE = 64 * 1024;
const level = Number(process.argv[2] ?? 6);
const db = new Database(process.env.DB, { readonly: true });
const select = db.prepare(
  'SELECT id, title, authors, year, language, subject, price_cents, stock FROM books ORDER BY id',
);

// Quoted by RFC 4180; what a spreadsheet would run is disarmed.
function text(cell) {
  const first = cell.charCodeAt(0);
  if (first === 61 || first === 43 || first === 45 || first === 64 || first === 9 || first === 13) cell = `'${cell}`;
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

// Rows are put together, since a chunk for each of them would cost more than the row.
function* pieces() {
  let piece = 'id,title,authors,year,language,subject,price_cents,stock\r\n';
  for (const b of select.iterate()) {
    const authors = JSON.parse(b.authors).map((author) => author.name).join(';');
    piece += `${text(b.id)},${text(b.title)},${text(authors)},${b.year},${text(b.language)},${text(b.subject)},${b.price_cents},${b.stock}\r\n`;
    if (piece.length >= PIECE) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}

const app = express();
app.get('/books.csv.gz', async (request, response) => {
  response.type('application/gzip');
  await pipeline(Readable.from(pieces()), createGzip({ level }), response);
});
const server = app.listen(port, '127.0.0.1', () => announce(server.address().port));

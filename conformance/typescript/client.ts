// A client of the bookshop. It is compiled and never run: that it compiles shows that the types
// made from the documents say what a client needs, no less strictly than this.

import type { paths as V1 } from "./v1.js";
import type { paths as V2 } from "./v2.js";

type List = V2["/api/v2/books"]["get"];
type Create = V2["/api/v2/books"]["post"];
type Read = V2["/api/v2/books/{id}"]["get"];
type Replace = V2["/api/v2/books/{id}"]["put"];

type Query = NonNullable<List["parameters"]["query"]>;
type Books = List["responses"][200]["content"]["application/json"];
type Book = Read["responses"][200]["content"]["application/json"];
type NewBook = NonNullable<Create["requestBody"]>["content"]["application/json"];
type Created = Create["responses"][201]["content"]["application/json"];
type Replaced = Replace["responses"][200]["content"]["application/json"];
type OldBook = V1["/api/v1/books/{id}"]["get"]["responses"][200]["content"]["application/json"];

async function asked<T>(base: string, path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(new URL(path, base), init ?? {});
  if (!answer.ok) throw new Error(`${answer.status} of ${path}`);
  return (await answer.json()) as T;
}

/** The titles of the newest books in `language`. */
export async function titles(base: string, language: NonNullable<Query["language"]>): Promise<string[]> {
  const query: Query = { language, sort: "-year", limit: 10 };
  const words = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  const books = await asked<Books>(base, `/api/v2/books?${new URLSearchParams(words)}`);
  return books.items.map((book: Book): string => `${book.title} (${book.year.toFixed(0)})`);
}

/** Adds a book and reads it back in both versions. */
export async function add(base: string, token: string): Promise<[Book, OldBook]> {
  const book: NewBook = {
    title: "Middlemarch",
    authors: [{ name: "George Eliot" }],
    year: 1871,
    language: "en",
    subject: "Fiction",
    price_cents: 1290,
    stock: 3,
  };
  const created = await asked<Created>(base, "/api/v2/books", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(book),
  });
  const id: string = created.id;
  const now = await asked<Book>(base, `/api/v2/books/${id}`);
  const old = await asked<OldBook>(base, `/api/v1/books/${id}`);
  const author: string = old.author;
  const first: string | undefined = now.authors[0]?.name;
  if (author !== first) throw new Error(`${author} is not ${first}`);
  const self: string = now._links.self.href;
  await asked<Replaced>(base, self, { method: "PUT", body: JSON.stringify(book) });
  return [now, old];
}

// @ts-expect-error: there is no such field in a book.
export const publisher = (book: Book): unknown => book.publisher;

// @ts-expect-error: version 2 has several authors.
export const author = (book: Book): unknown => book.author;

// @ts-expect-error: a year is a number.
export const year = (book: Book): string => book.year;

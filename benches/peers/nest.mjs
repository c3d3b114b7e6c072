// NestJS on Express or Fastify (`node nest.mjs express|fastify`), validation by class-validator.
// The decorators are applied by hand, as TypeScript's compiler would, so that nothing is built.
import 'reflect-metadata';
import { Body, Controller, Get, Module, NotFoundException, Param, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsString, Length, Matches, Max, Min, ValidateNested } from 'class-validator';
import { HelloService, accept, announce, openBooks, port } from './book.mjs';

const property = (target, name, ...decorators) => decorators.forEach((d) => d(target.prototype, name));
function method(target, name, route, parameters, types) {
  parameters.forEach((d, at) => d(target.prototype, name, at));
  Reflect.defineMetadata('design:paramtypes', types, target.prototype, name);
  route(target.prototype, name, Object.getOwnPropertyDescriptor(target.prototype, name));
}

class Author {}
property(Author, 'name', IsString(), Length(1, 200));

class NewBook {}
property(NewBook, 'title', IsString(), Length(1, 300));
property(NewBook, 'authors', IsArray(), ArrayMinSize(1), ArrayMaxSize(20), ValidateNested({ each: true }), Type(() => Author));
property(NewBook, 'year', IsInt(), Min(-3000), Max(2100));
property(NewBook, 'language', IsString(), Matches(/^[a-z]{2}$/));
property(NewBook, 'subject', IsString(), Length(1, 100));
property(NewBook, 'price_cents', IsInt(), Min(0), Max(10_000_000));
property(NewBook, 'stock', IsInt(), Min(0), Max(1_000_000));

class Books {
  read = openBooks();
}

class AppController {
  constructor(hello, books) {
    this.hello = hello;
    this.books = books;
  }
  greet(name) {
    return this.hello.greet(name);
  }
  create(book) {
    return accept(book);
  }
  read(id) {
    const book = this.books.read(id);
    if (!book) throw new NotFoundException('no such book');
    return book;
  }
}
Reflect.defineMetadata('design:paramtypes', [HelloService, Books], AppController);
method(AppController, 'greet', Get('hello/:name'), [Param('name')], [String]);
method(AppController, 'create', Post('books'), [Body()], [NewBook]);
method(AppController, 'read', Get('books/:id'), [Param('id')], [String]);
Controller()(AppController);

class AppModule {}
Module({ controllers: [AppController], providers: [HelloService, Books] })(AppModule);

async function adapter(name) {
  if (name === 'express') return new (await import('@nestjs/platform-express')).ExpressAdapter();
  if (name === 'fastify') return new (await import('@nestjs/platform-fastify')).FastifyAdapter();
  throw new Error('say express or fastify');
}

const app = await NestFactory.create(AppModule, await adapter(process.argv[2]), { logger: false });
app.useGlobalPipes(
  new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true, errorHttpStatusCode: 422 }),
);
await app.listen(port, '127.0.0.1');
announce(app.getHttpServer().address().port);

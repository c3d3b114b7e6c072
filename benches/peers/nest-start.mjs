// A Nest app of 60 modules with 5 providers each, for the figure of the start.
// In a module each provider takes the one before it; each module takes the last of the module before it.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { announce, port } from './book.mjs';

const MODULES = 60;
const PROVIDERS = 5;

function provider(module, at, before) {
  const name = `Service${module}_${at}`;
  const made = { [name]: class { constructor(before) { this.before = before; } } }[name];
  Reflect.defineMetadata('design:paramtypes', before ? [before] : [], made);
  return made;
}

let module;
let last;
for (let m = 0; m < MODULES; m++) {
  const providers = [];
  for (let p = 0; p < PROVIDERS; p++) providers.push((last = provider(m, p, last)));
  const name = `Module${m}`;
  const made = { [name]: class {} }[name];
  Module({ imports: module ? [module] : [], providers, exports: [last] })(made);
  module = made;
}

class AppController {
  constructor(last) {
    this.last = last;
  }
  ready() {
    return { ready: this.last !== undefined };
  }
}
Reflect.defineMetadata('design:paramtypes', [last], AppController);
Get('hello/:name')(AppController.prototype, 'ready', Object.getOwnPropertyDescriptor(AppController.prototype, 'ready'));
Controller()(AppController);

class AppModule {}
Module({ imports: [module], controllers: [AppController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(port, '127.0.0.1');
announce(app.getHttpServer().address().port);

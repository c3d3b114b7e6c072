// An Express application that keeps its sessions in Redis, as others do: express-session with
// connect-redis, signed in the way passport does. Asked over stdin, one line of JSON for each
// request ({path, cookie}); answers over stdout ({status, set_cookie, body}).
//
//   node sessions.mjs REDIS_URL PREFIX SECRET
import { createInterface } from "node:readline";
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createClient } from "redis";

const [redisUrl, prefix, secret] = process.argv.slice(2);
const client = createClient({ url: redisUrl });
await client.connect();

const app = express();
app.use(
  session({
    store: new RedisStore({ client, prefix }),
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 60_000, sameSite: "lax" },
  }),
);

const then = (response, next, answer) => (error) => (error ? next(error) : response.json(answer));

app.get("/user", (request, response) => {
  response.json(request.session.passport?.user ?? null);
});
// As passport's `req.login` and `req.logout`.
app.get("/sign-in", (request, response, next) => {
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.passport = { user: request.query.user };
    request.session.save(then(response, next, true));
  });
});
app.get("/sign-out", (request, response, next) => {
  delete request.session.passport;
  request.session.save((error) => {
    if (error) return next(error);
    request.session.regenerate(then(response, next, true));
  });
});
app.get("/write", (request, response) => {
  request.session[request.query.field] = request.query.value;
  response.json(true);
});
app.get("/read", (request, response) => {
  response.json(request.session[request.query.field] ?? null);
});

const server = app.listen(0, "127.0.0.1", async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  for await (const line of createInterface({ input: process.stdin })) {
    const { path, cookie } = JSON.parse(line);
    const response = await fetch(origin + path, { headers: cookie ? { cookie } : {} });
    const answer = {
      status: response.status,
      set_cookie: response.headers.getSetCookie()[0] ?? null,
      body: response.ok ? await response.json() : await response.text(),
    };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
});

// The bookshop's pages in a real browser: by keyboard alone, with scripts and without. Whatever the
// browser complains of is a failure.
//
//   node pages.mjs ORIGIN CHROMIUM EMAIL PASSWORD
import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";

const [origin, executablePath, email, password] = process.argv.slice(2);
const isRoot = process.getuid?.() === 0;

// By a pipe: nothing listens. Only this machine can be reached.
const browser = await puppeteer.launch({
  executablePath,
  pipe: true,
  args: [
    ...(isRoot ? ["--no-sandbox"] : []),
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});

/** A page in a jar of its own, and everything that its browser complains of. */
async function open(hasScripts) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setJavaScriptEnabled(hasScripts);
  const complaints = [];
  // Browsers ask for an icon by themselves, and there is none: no page has asked for it.
  const complain = (text, url = "") => url.endsWith("/favicon.ico") || complaints.push(text);
  page.on("pageerror", (error) => complain(`script: ${error.message}`));
  page.on("requestfailed", (request) => complain(`not loaded: ${request.url()}`, request.url()));
  const log = await page.createCDPSession();
  log.on("Log.entryAdded", ({ entry }) => complain(`${entry.level}: ${entry.text}`, entry.url));
  page.on("console", (message) => complain(`console: ${message.text()}`, message.location().url));
  await log.send("Log.enable");
  return { context, page, complaints };
}

/** Presses keys until what `press` begins has been answered. */
async function arrive(page, press) {
  const [response] = await Promise.all([page.waitForNavigation(), press()]);
  return response;
}

/** What has the focus, and whether somebody who uses a keyboard can see that. */
function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return {
      is: element.id || element.tagName.toLowerCase(),
      name: element.getAttribute("aria-label") ?? element.textContent.trim(),
      isSeen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    };
  });
}

async function tabTo(page, expected) {
  await page.keyboard.press("Tab");
  const found = await focus(page);
  assert.ok(found.is === expected || found.name.startsWith(expected), JSON.stringify(found));
  assert.ok(found.isSeen, `the focus on ${expected} cannot be seen`);
}

/** Roles and names, as a screen reader tells them. */
async function told(page) {
  const flat = ({ role, name, children = [] }) => [`${role} ${name}`, ...children.flatMap(flat)];
  return flat(await page.accessibility.snapshot());
}

/** Where the keyboard is when the page to sign in opens, and where it goes. */
async function fillIn(page, secret) {
  assert.equal((await focus(page)).is, "email");
  await page.keyboard.type(email);
  await tabTo(page, "password");
  await page.keyboard.type(secret);
}

async function loginPage(page) {
  await page.goto(`${origin}/login`);
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  assert.match(await page.title(), /^Sign in/);
  const said = await told(page);
  for (const part of ["heading Sign in", "textbox E-mail address", "textbox Password", "button Sign in"]) {
    assert.ok(said.includes(part), `${part} in ${JSON.stringify(said)}`);
  }
}

/** The complaint that a refused sign-in is due, and no other. */
function takeRefusal(complaints) {
  const refused = complaints.filter((text) => /status of 401/.test(text));
  assert.equal(refused.length, complaints.length, complaints.join("\n"));
  complaints.length = 0;
}

async function wrongPassword(page, complaints) {
  await loginPage(page);
  await fillIn(page, "not the password");
  const answer = await arrive(page, () => page.keyboard.press("Enter"));
  assert.equal(answer.status(), 401);
  assert.ok((await told(page)).some((text) => text.startsWith("alert")), "the fault is told");
  const field = await page.$eval("#password", (input) => ({
    isInvalid: input.getAttribute("aria-invalid"),
    why: document.getElementById(input.getAttribute("aria-describedby"))?.textContent,
    value: input.value,
  }));
  const why = "The address or the password is wrong.";
  assert.deepEqual(field, { isInvalid: "true", why, value: "" });
  assert.equal((await focus(page)).is, "password");
  assert.equal(await page.$eval("#email", (input) => input.value), email);
  takeRefusal(complaints);
}

async function signIn(page) {
  await loginPage(page);
  await fillIn(page, password);
  await tabTo(page, "Sign in");
  const answer = await arrive(page, () => page.keyboard.press("Enter"));
  assert.equal(answer.status(), 200);
  assert.equal(new URL(page.url()).pathname, "/account");
}

async function cookies(context) {
  const kept = await context.cookies();
  assert.deepEqual(kept.map(({ name }) => name), ["session"], "and none from before the sign-in");
  const [{ httpOnly, sameSite, path, session, secure }] = kept;
  const expected = { httpOnly: true, sameSite: "Lax", path: "/", session: true, secure: false };
  assert.deepEqual({ httpOnly, sameSite, path, session, secure }, expected);
  return kept[0].value;
}

async function account(page) {
  const times = await page.$$eval("time", (all) =>
    all.map(({ dateTime, textContent }) => ({ dateTime, textContent })),
  );
  assert.ok(times.length >= 2);
  for (const { dateTime, textContent } of times) {
    assert.ok(Math.abs(Date.now() - new Date(dateTime)) < 3_600_000, dateTime);
    assert.match(textContent, /^\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC$/);
  }
}

/** Reached by Tab from the top of the page, pressed by Enter. */
async function press(page, name) {
  const buttons = await page.$$eval("button, a[href], input", (all) => all.length);
  for (let tabs = 0; tabs <= buttons; tabs += 1) {
    await page.keyboard.press("Tab");
    if ((await focus(page)).name.startsWith(name)) {
      return arrive(page, () => page.keyboard.press("Enter"));
    }
  }
  assert.fail(`no way to ${name} by Tab`);
}

async function everything(hasScripts) {
  const first = await open(hasScripts);
  const second = await open(hasScripts);
  await wrongPassword(first.page, first.complaints);
  await signIn(first.page);
  const value = await cookies(first.context);
  await signIn(second.page);
  assert.notEqual(await cookies(second.context), value);
  await second.page.reload();
  await account(second.page);

  await press(second.page, "Sign out of");
  assert.equal(new URL(second.page.url()).pathname, "/account");
  await first.page.reload();
  assert.equal(new URL(first.page.url()).pathname, "/login", "its session was ended");
  await press(second.page, "Sign out here");
  assert.equal(new URL(second.page.url()).pathname, "/login");
  await second.page.goto(`${origin}/account`);
  assert.equal(new URL(second.page.url()).pathname, "/login");
  await second.page.goBack();
  assert.ok(!(await second.page.content()).includes(email), "nothing is left behind");

  for (const { context, complaints } of [first, second]) {
    assert.deepEqual(complaints, []);
    await context.close();
  }
}

try {
  await everything(true);
  await everything(false);
} finally {
  await browser.close();
}

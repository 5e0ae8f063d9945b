// Names, ids and reasons are what somebody typed: pages show them, and do nothing else with them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { button, choice, loggedIn, shippedPolicy, world } from "../rig/world.js";
import { overflow, NARROW } from "../rig/browser.js";

const RTL = "\u202e";
const NASTY = [
  "<script>alert(1)</script>",
  "\"><script>alert(2)</script>",
  "'><img src=x onerror=alert(3)>",
  "</title><svg onload=alert(4)>",
  "</textarea><script>alert(5)</script>",
  "javascript:alert(6)",
  "\" autofocus onfocus=alert(7) x=\"",
  "{{constructor.constructor('alert(8)')()}}",
  "<a href='javascript:alert(9)'>click</a>",
  "../../site",
  "a/b?c#d%2e%00&amp;=;",
  "..",
  ".",
  "%2e%2e%2f",
  "ends with a space ",
  `safe${RTL}gnp.exe`,
  "אבג/दो/😀",
  "w".repeat(255),
];
const encoded = (id) =>
  encodeURIComponent(id).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

let here;

before(async () => {
  const orgs = NASTY.map(
    (id) =>
      `[orgs.${JSON.stringify(id)}]\nparent = "holding"\n` +
      `[orgs.${JSON.stringify(id)}.members]\n${JSON.stringify(id)} = { roles = ["guest"] }\nada = { roles = ["owner"] }\n`,
  );
  const subjects = NASTY.map((id) => `[subjects.${JSON.stringify(id)}]\ndefault_org = ${JSON.stringify(id)}\n`);
  const policy = `${await shippedPolicy()}\n[orgs.holding]\n${orgs.join("")}\n${subjects.join("")}`;
  here = await world({ policy, service: false });
});
after(() => here?.ended());

const isStep = (id) => id === "." || id === "..";

test("an id is shown as it is on every page that has it, and none of it runs", async () => {
  const root = await loggedIn(here, "root");
  const { page } = root;
  for (const id of NASTY) {
    const org = encoded(id);
    await root.to(`/orgs?q=${org}`);
    const row = page.getByRole("rowheader").filter({ has: page.locator("bdi", { hasText: id.trim() }) });
    assert.ok((await row.count()) > 0, id);
    const shown = await page.locator("tbody th bdi").first().evaluate((element) => element.textContent);
    assert.ok(NASTY.includes(shown), shown);
    if (isStep(id)) continue;
    for (const path of ["", "/members", "/roles", "/matrix", `/why?what=chat:create&subject=${org}`, "/audit"]) {
      const answer = await root.to(`/orgs/${org}${path}`);
      assert.equal(answer.status(), 200, `${id} ${path}`);
      const heading = await page.locator("h1").evaluate((element) => element.textContent);
      assert.equal(heading, id, path);
    }
    const answer = await root.to(`/subjects/${org}`);
    assert.equal(answer.status(), 200, id);
    assert.equal(await page.locator("h2 bdi").first().evaluate((element) => element.textContent), id);
  }
  await root.closed();
});

test("a change of an org of any id is asked for, made, shown and undone", async () => {
  const root = await loggedIn(here, "root");
  const { page } = root;
  for (const [number, id] of NASTY.entries()) {
    if (isStep(id)) continue;
    const reason = NASTY[(number + 1) % NASTY.length].trim();
    await root.to(`/orgs/${encoded(id)}`);
    await choice(page, "switch of chat").selectOption("on");
    await button(page, "Change… the switch of chat").click();
    await page.getByLabel("Why?").fill(reason);
    await page.getByRole("button", { name: "Make the change" }).click();
    await page.waitForURL(/\/changes\/\d+$/);
    assert.ok(new URL(page.url()).pathname.startsWith(`/orgs/${encoded(id)}/changes/`), page.url());
    const kept = await page.locator("blockquote").first().evaluate((element) => element.textContent);
    assert.equal(kept, reason);
    await page.getByLabel("Why?").fill(reason);
    await page.getByRole("button", { name: "Undo this change" }).click();
    await page.waitForURL(/\/changes\/\d+$/);
    await root.to(`/orgs/${encoded(id)}/audit`);
    const reasons = await page.locator(".log blockquote").evaluateAll((all) => all.map((one) => one.textContent));
    assert.deepEqual(reasons.slice(0, 2), [reason, reason]);
  }
  await root.closed();
});

test("what is typed into a form comes back as text", async () => {
  const root = await loggedIn(here, "root");
  root.expects(400, 404, 422);
  const { page } = root;
  const fields = ["/orgs?q=", "/subjects?q=", "/why?what=", "/why?what=chat:create&owner=", "/audit?author=", "/login?code="];
  for (const [number, text] of NASTY.entries()) {
    for (const step of [0, 1]) {
      const path = fields[(number + step) % fields.length];
      await root.to(path + encoded(text));
      assert.ok(await page.locator("h1").count(), path);
    }
    await root.to("/site");
    await page.getByText("Define a site role").click();
    const form = page.locator("form", { has: page.getByRole("button", { name: "Define…" }) }).first();
    await form.getByRole("textbox", { name: "Name" }).fill(text);
    await form.getByRole("textbox", { name: "Grants" }).fill(text);
    await form.getByRole("button").click();
    await page.locator("h1").waitFor();
  }
  await root.closed();
});

test("no id makes a page wider than a narrow phone", async () => {
  const root = await loggedIn(here, "root", { viewport: NARROW });
  for (const id of NASTY.filter((id) => !isStep(id))) {
    for (const path of [`/orgs?q=${encoded(id)}`, `/orgs/${encoded(id)}`, `/orgs/${encoded(id)}/members`, `/subjects/${encoded(id)}`]) {
      await root.to(path);
      assert.ok((await overflow(root.page)) <= 0, `${id} ${path}`);
    }
  }
  await root.closed();
});

// The way from a closed gate to an open one, a kill and its undoing, as people go it in the console.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { button, choice, home, loggedIn, loginLink, shippedPolicy, until, world } from "../rig/world.js";
import { watchedPage } from "../rig/browser.js";

let here;

before(async () => {
  // acme has not said anything of chats yet.
  const policy = (await shippedPolicy()).replace(/\[orgs\.acme\]\ngates\.chat = .*\n/, "[orgs.acme]\n");
  here = await world({ policy });
});
after(() => here?.ended());

const gate = (page, resource) => page.getByRole("region", { name: resource, exact: true });

/** Chooses what an org says of a resource, and goes on to the page that says what it does. */
async function ask(page, resource, words) {
  await choice(page, `switch of ${resource}`).selectOption({ label: words });
  await button(page, `Change… the switch of ${resource}`).click();
  await page.getByRole("heading", { level: 1, name: /Make this change|off/ }).waitFor();
}

async function confirm(page, reason, name = /Make the change|Switch off|Undo this change/) {
  await page.getByLabel("Why?").fill(reason);
  await page.getByRole("button", { name }).click();
  await page.waitForURL(/\/changes\/\d+$/);
}

for (const script of [true, false]) {
  const how = script ? "with scripts" : "without scripts";

  test(`an org admin opens a gate, the site kills it, and the kill is undone, ${how}`, async () => {
    const chats = () => here.chats.create("alice", "acme");
    assert.equal(await chats(), "403 org_off");

    const ada = await loggedIn(here, "ada", { script });
    await ada.page.getByRole("link", { name: "acme", exact: true }).click();
    await gate(ada.page, "chat").getByText("off", { exact: false }).first().waitFor();
    await ask(ada.page, "chat", "on");
    assert.match(await ada.page.locator("main").innerText(), /chat in acme: unset -> on/);
    await confirm(ada.page, "acme asked for it");
    assert.equal(await until(chats, (status) => status === "201"), "201");

    const root = await loggedIn(here, "root", { script });
    await root.page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Site" }).click();
    await button(root.page, "Switch off everywhere… chat").click();
    const radius = await root.page.locator("main").innerText();
    assert.match(radius, /members? loses?/, "it says whom it hits");
    assert.match(radius, /alice in acme|ada in acme|grace in acme|max in acme/, "with examples");
    assert.match(radius, /POST \/orgs\/\{org\}\/chats/, "and on which routes");
    await confirm(root.page, "runs do not end");
    const replicas = root.page.getByRole("region", { name: "Replicas" });
    if (script) {
      await replicas.getByText("in force").waitFor();
    } else {
      const again = replicas.getByRole("link", { name: "Look again" });
      await until(
        async () => {
          if (await again.count()) await again.click();
          return replicas.innerText();
        },
        (text) => /in force/.test(text),
      );
    }
    const acknowledged = await replicas.innerText();
    assert.match(acknowledged, /has it\s+axum-chats/);
    assert.equal(await chats(), "403 site_off");

    await confirm(root.page, "they end again");
    await root.page.getByRole("region", { name: "Replicas" }).waitFor();
    assert.match(await root.page.locator("main").innerText(), /undone/);
    assert.equal(await until(chats, (status) => status === "201"), "201");

    // Back to the beginning, for whoever comes next.
    await ada.to("/orgs/acme");
    await ask(ada.page, "chat", "say nothing (off)");
    await confirm(ada.page, "it was a try");
    assert.equal(await until(chats, (status) => status === "403 org_off"), "403 org_off");
    await ada.closed();
    await root.closed();
  });
}

test("a page that waits for a replica shows by itself when it has the change", async () => {
  const root = await loggedIn(here, "root");
  const { page } = root;
  here.chats.paused();
  try {
    await root.to("/site");
    await choice(page, "switch of run").selectOption("off");
    await button(page, "Change… the switch of run").click();
    await confirm(page, "to see it arrive");
    const replicas = page.getByRole("region", { name: "Replicas" });
    await replicas.getByText("1 of 2 have it").waitFor();
    await replicas.getByText("waited for").waitFor();
    assert.equal(await replicas.getByRole("link", { name: "Look again" }).isVisible(), false);
    await page.evaluate(() => (window.isTheSamePage = true));
  } finally {
    here.chats.resumed();
  }
  await page.getByRole("status").getByText("All 2 decide by it").waitFor();
  assert.equal(await page.evaluate(() => window.isTheSamePage), true, "nothing was loaded anew");
  assert.equal(await page.locator("[data-again]").count(), 0, "and it looks no more");
  await confirm(page, "it was a try");
  await root.closed();
});

test("a change can be made by the keyboard alone", async () => {
  const ada = await loggedIn(here, "ada");
  const { page } = ada;
  const press = (key) => page.keyboard.press(key);
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent.trim();
    });
  const tabTo = async (name) => {
    for (let steps = 0; steps < 80; steps += 1) {
      await press("Tab");
      if ((await focused()) === name) return;
    }
    assert.fail(`the keyboard does not come to ${name}`);
  };
  await ada.to("/orgs/acme");
  await press("Tab");
  assert.equal(await focused(), "Skip to the content");
  await press("Enter");
  await tabTo("switch of agent");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, "solid", "the focus is seen");
  await page.keyboard.type("off");
  await tabTo("Change… the switch of agent");
  await press("Enter");
  await page.getByRole("heading", { level: 1 }).getByText("Switch agent off here?").waitFor();
  await tabTo("Why?");
  await page.keyboard.type("by hand");
  await tabTo("Switch off");
  await press("Enter");
  await page.waitForURL(/\/changes\/\d+$/);
  assert.match(await page.locator("main").innerText(), /org acme: agent switched off/);
  await ada.closed();
});

test("a login link is consumed by its button alone, and once", async () => {
  const link = await loginLink(here, "ada");
  const own = here.console.url;
  const looks = await watchedPage(here.chromium, { own });
  for (let times = 0; times < 2; times += 1) {
    await looks.page.goto(link);
    await looks.page.getByRole("heading", { name: "Log in as ada" }).waitFor();
  }
  await looks.page.getByRole("button", { name: "Log in as ada" }).click();
  await looks.page.waitForURL(home(own));
  const late = await watchedPage(here.chromium, { own });
  late.expects(403);
  await late.page.goto(link);
  assert.match(await late.page.locator("main").innerText(), /used before/);
  assert.equal(await late.page.getByRole("button").count(), 0);
  await looks.page.getByRole("button", { name: "Log out" }).click();
  await looks.page.waitForURL(`${own}/login`);
  looks.expects(401);
  await looks.page.goto(`${own}/orgs/acme`);
  assert.match(await looks.page.locator("main").innerText(), /Log in/);
  await looks.closed();
  await late.closed();
});

test("what somebody else changed meanwhile is shown, and nothing is written over it", async () => {
  const ada = await loggedIn(here, "ada");
  const root = await loggedIn(here, "root");
  await ada.to("/orgs/acme");
  await root.to("/orgs/acme");
  await ask(ada.page, "chat", "on");
  await ask(root.page, "chat", "off");
  await confirm(root.page, "not now");
  ada.expects(412);
  await ada.page.getByLabel("Why?").fill("now");
  await ada.page.getByRole("button", { name: "Make the change" }).click();
  await ada.page.getByText("Nothing was written.").waitFor();
  const told = await ada.page.locator("main").innerText();
  assert.match(told, /not now/);
  await ada.page.getByRole("link", { name: "Look again" }).click();
  await ada.page.waitForURL(/\/orgs\/acme$/);
  await ada.closed();
  await root.closed();
});

test("without a reason nothing is written", async () => {
  const ada = await loggedIn(here, "ada", { script: false });
  await ada.to("/orgs/acme");
  await ask(ada.page, "agent-planner", "off");
  ada.expects(422);
  await ada.page.getByLabel("Why?").fill("   ");
  await ada.page.getByRole("button", { name: "Switch off" }).click();
  assert.match(await ada.page.getByRole("alert").innerText(), /Without a reason/);
  await ada.closed();
});

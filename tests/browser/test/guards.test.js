// What other pages may have a browser do to the console: nothing.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { loggedIn, until, world } from "../rig/world.js";
import { ran } from "../rig/programs.js";

let here;
let elsewhere;

before(async () => {
  here = await world({ service: false });
  const pages = new Map();
  const server = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(pages.get(request.url) ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  elsewhere = { pages, port: server.address().port, ended: () => server.close() };
});
after(async () => {
  elsewhere?.ended();
  await here?.ended();
});

const exported = () => ran("gatepost", ["store", "export", "--store", here.store.url]);

const change = JSON.stringify({ command: "site_switch", resource: "chat", to: "off" });
const form = (action, fields) => {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value='${value}'>`);
  return `<form method="post" action="${action}">${inputs.join("")}<button>win</button></form>`;
};

// To a browser, another port is the same site and its cookies go along; another name is another site.
for (const [name, statuses] of [["127.0.0.1", [403]], ["localhost", [401, 403]]]) {
  test(`a form on a page of ${name} on another port changes nothing`, async () => {
    const before = await exported();
    const root = await loggedIn(here, "root", { own: "http://" });
    root.expects(...statuses, 404);
    const fields = { change, version: "1", reason: "for fun" };
    const token = "a".repeat(43);
    const attempts = {
      "/plain": form(`${here.console.url}/site/changes`, fields),
      "/token": form(`${here.console.url}/site/changes`, { ...fields, csrf: token }),
      "/logout": form(`${here.console.url}/logout`, { csrf: token }),
    };
    for (const [path, page] of Object.entries(attempts)) {
      elsewhere.pages.set(path, page);
      await root.page.goto(`http://${name}:${elsewhere.port}${path}`);
      const answered = root.page.waitForResponse((response) => response.request().method() === "POST");
      await root.page.getByRole("button", { name: "win" }).click();
      const status = (await answered).status();
      assert.ok(statuses.includes(status), `${path}: ${status}`);
    }
    assert.equal(await exported(), before);
    await root.to("/site");
    assert.match(await root.page.getByRole("banner").innerText(), /Log out/, "and it is still logged in");
    await root.closed();
  });
}

test("the console stands in no frame of another page", async () => {
  const root = await loggedIn(here, "root", { own: "http://" });
  elsewhere.pages.set("/frame", `<iframe src="${here.console.url}/site"></iframe>`);
  await root.page.goto(`http://127.0.0.1:${elsewhere.port}/frame`);
  const frame = await until(async () => root.page.frames().at(1), Boolean);
  await until(() => frame.evaluate(() => document.readyState), (state) => state === "complete");
  const shown = await frame.evaluate(() => [location.href, document.body.innerText]);
  assert.match(shown[0], /^chrome-error:/);
  assert.doesNotMatch(shown[1], /Switch off everywhere/);
  root.forgives(/frame-ancestors|X-Frame-Options|Failed to load resource/);
  await root.closed();
});

test("no script of a page, and none beside it, runs: the policy of the content says so", async () => {
  const root = await loggedIn(here, "root");
  await root.to("/site");
  const ran = await root.page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.wasRun = true";
    document.body.append(script);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return window.wasRun === true;
  });
  assert.equal(ran, false);
  root.forgives(/script-src/);
  await root.closed();
});

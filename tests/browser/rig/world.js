// A store, the console on it, and a service beside the console that follows the same store.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { browser, watchedPage } from "./browser.js";
import { ran, root, started, storeOf } from "./programs.js";

/** The policy that the example ships. */
export const shippedPolicy = () => readFile(join(root, "examples/axum-chats/policy.toml"), "utf8");

/**
 * A world by a policy; `ended` puts an end to all of it. The console stands by itself at the root, or `mounted` in the
 * service below `/console`.
 */
export async function world({ policy, service = true, mounted = false } = {}) {
  const endings = [];
  const ended = async () => {
    for (const end of endings.reverse()) await end();
  };
  try {
    const store = await storeOf(policy ?? (await shippedPolicy()));
    endings.push(store.removed);
    const chats = service ? await chatsOn(store) : null;
    if (chats) endings.push(chats.ended);
    const routes = `axum-chats=${join(root, "examples/axum-chats/routes.json")}`;
    const serve = ["serve", "--store", store.url, "--listen", "127.0.0.1:0", "--routes", routes];
    const console = mounted ? { url: `${chats.url}/console` } : await started("gatepost", serve);
    if (!mounted) endings.push(console.ended);
    const chromium = await browser();
    endings.push(() => chromium.close());
    return { store, chats, console, chromium, ended };
  } catch (error) {
    await ended();
    throw error;
  }
}

async function chatsOn(store) {
  const secret = { AXUM_CHATS_SECRET: "a secret of this test alone, and long enough" };
  const queue = join(store.directory, "runs.db");
  const args = ["--store", store.url, "--queue", queue, "--listen", "127.0.0.1:0"];
  const service = await started("axum-chats", args, { env: secret });
  const create = async (subject, org) => {
    const token = (await ran("axum-chats", ["token", subject], secret)).split("\n").at(-1);
    const answer = await fetch(`${service.url}/orgs/${encodeURIComponent(org)}/chats`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "a chat" }),
    });
    const body = await answer.text();
    return answer.status === 403 ? `403 ${JSON.parse(body).code}` : String(answer.status);
  };
  return { ...service, create };
}

/** A page of somebody who has logged in by a link that the command line printed. */
export async function loggedIn(world, subject, options = {}) {
  const own = world.console.url;
  const watched = await watchedPage(world.chromium, { own, ...options });
  const { page } = watched;
  await page.goto(await loginLink(world, subject));
  await page.getByRole("button", { name: "Log in as" }).click();
  await page.waitForURL(home(own));
  assert.match(await page.getByRole("banner").innerText(), /Log out/);
  return { ...watched, to: (path) => page.goto(own + path) };
}

/** Where the console's first page is. */
export const home = (own) => new URL(own).href;

/** A link that logs in once. */
export function loginLink(world, subject) {
  const { store, console } = world;
  return ran("gatepost", ["console", "login", "--store", store.url, "--as", subject, "--url", console.url]);
}

/** The button that is called so by whoever hears it. */
export const button = (page, name) => page.getByRole("button", { name, exact: true });

/** The list to choose from that is called so. */
export const choice = (page, name) => page.getByRole("combobox", { name, exact: true });

/** Waits until something is so. */
export async function until(what, is, { within = 5_000 } = {}) {
  const end = Date.now() + within;
  let seen;
  do {
    seen = await what();
    if (is(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < end);
  assert.fail(`it stayed ${JSON.stringify(seen)}`);
}

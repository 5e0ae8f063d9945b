// The example: buttons of a page, by what a service said.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { dress, follow } from "../build/example.js";

test("each button shows what it would do", () => {
  const off = { detail: "An admin can.", remedy: { who: "org_admin", action: "switch on `chat`" } };
  const routes = [
    { method: "GET", path: "/chats", outcome: "allow" },
    { method: "POST", path: "/chats", outcome: "deny", code: "org_off", ...off },
    { method: "POST", path: "/runs", when: { agent: "planner" }, mode: "background", outcome: "allow" },
    { method: "POST", path: "/runs", mode: "background", outcome: "deny" },
  ];
  const button = (dataset) => ({ dataset });
  const buttons = [
    button({ path: "/chats" }),
    button({ method: "POST", path: "/chats" }),
    button({ method: "POST", path: "/runs", mode: "background", when: '{"agent": "planner"}' }),
    button({ method: "POST", path: "/runs", mode: "background", when: '{"agent": "analyst"}' }),
    button({ method: "POST", path: "/runs", mode: "backgruond", when: '{"agent": "planner"}' }),
  ];
  dress({ querySelectorAll: () => buttons }, { capabilities: { subject: "alice", routes }, etag: null });
  const shown = buttons.map(({ hidden, disabled, title }) => [hidden, disabled, title]);
  assert.deepEqual(shown, [
    [false, false, ""],
    [false, true, "An admin can. To be changed by an admin of the organization: switch on `chat`."],
    [false, false, ""],
    [true, true, ""],
    [true, true, ""],
  ]);
});

// A page with one button, and a service that answers when it is told to: the first that was asked has index 0.

let button;
let page;
let come;
let asked;

beforeEach(() => {
  button = { dataset: { path: "/chats" } };
  page = {
    visibilityState: "visible",
    querySelectorAll: () => [button],
    addEventListener: (_, listener) => (come = listener),
  };
  asked = [];
  globalThis.fetch = (_, { headers }) =>
    new Promise((answer) => asked.push({ answer, known: headers.get("if-none-match") }));
});

const said = (outcome, etag) =>
  new Response(JSON.stringify({ subject: "alice", routes: [{ method: "GET", path: "/chats", outcome }] }), {
    headers: { etag },
  });
/** Answers, and waits until the page has read it. */
const tell = async (at, response) => {
  asked[at].answer(response);
  await new Promise((done) => setTimeout(done, 5));
};
const isShown = () => !button.hidden && !button.disabled;

async function followed() {
  const first = follow(page, {});
  await tell(0, said("allow", '"0"'));
  await first;
  assert.ok(isShown());
}

test("whoever is not let in any more sees no button, and sees them again once let in", async (t) => {
  t.mock.method(console, "error", () => {});
  for (const status of [401, 403]) {
    asked.length = 0;
    await followed();
    come();
    await tell(1, new Response("", { status }));
    assert.ok(button.hidden && button.disabled, status);
    come();
    assert.equal(asked[2].known, null);
    await tell(2, said("allow", '"0"'));
    assert.ok(isShown(), status);
  }
});

test("whoever is not let in at first sees no button, and whoever follows is told", async () => {
  const first = follow(page, {});
  const told = assert.rejects(first, { name: "Refused", status: 401 });
  await tell(0, new Response("", { status: 401 }));
  await told;
  assert.ok(button.hidden);
});

test("where the service cannot be asked, the buttons stay", async (t) => {
  t.mock.method(console, "error", () => {});
  await followed();
  come();
  await tell(1, new Response("", { status: 503 }));
  assert.ok(isShown());
});

test("of two answers the one that was asked later counts", async (t) => {
  t.mock.method(console, "error", () => {});
  await followed();
  for (const stale of [said("allow", '"1"'), new Response("", { status: 401 })]) {
    const at = asked.length;
    come();
    come();
    await tell(at + 1, said("deny", '"2"'));
    assert.ok(button.hidden);
    button.hidden = "untouched";
    await tell(at, stale);
    assert.equal(button.hidden, "untouched");
  }
  const at = asked.length;
  come();
  come();
  await tell(at, said("deny", '"3"'));
  assert.equal(button.hidden, true);
  await tell(at + 1, said("allow", '"4"'));
  assert.ok(isShown());
});

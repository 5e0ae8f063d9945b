// The example: buttons of a page, by what a service said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { dress } from "../build/example.js";

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
    button({ method: "POST", path: "/runs", mode: "background" }),
  ];
  dress({ querySelectorAll: () => buttons }, { capabilities: { subject: "alice", routes }, etag: null });
  const shown = buttons.map(({ hidden, disabled, title }) => [hidden, disabled, title]);
  assert.deepEqual(shown, [
    [false, false, ""],
    [false, true, "An admin can. To be changed by an admin of the organization: switch on `chat`."],
    [false, false, ""],
    [true, true, ""],
  ]);
});

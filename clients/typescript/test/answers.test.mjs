// Real answers of the example services: what `may` says of each row is what the row says.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import { may } from "../build/gatepost.js";

const folder = new URL("../build/test/answers/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
const RUNS = "/orgs/{org}/agents/{agent}/runs";

async function answerOf(file) {
  return (await import(new URL(file, folder))).answer;
}

test("there are answers of both services", () => {
  for (const service of ["axum-chats", "actix-chats"]) {
    assert.ok(files.some((file) => file.startsWith(service)), service);
  }
});

for (const file of files) {
  test(`each row of ${file} is found and shown`, async () => {
    const answer = await answerOf(file);
    for (const row of answer.routes) {
      const { method, path, mode } = row;
      // Without any, it is about all values that no other row has.
      const when = row.when ?? { agent: "of another name" };
      const use = { method: method === "*" ? "GET" : method, path, mode, when };
      const verdict = may(answer, use);
      assert.equal(verdict.outcome, row.outcome, JSON.stringify(row));
      const isTold = row.code !== undefined && row.code !== "not_a_member";
      const denied = isTold ? ["disable", row.detail] : ["hide", undefined];
      const expected = row.outcome === "deny" ? denied : ["enable", undefined];
      assert.deepEqual([verdict.show, verdict.sentence], expected, JSON.stringify(row));
      for (const [own, decided] of [[true, row.own], [false, row.other]]) {
        if (decided) assert.equal(may(answer, { ...use, own }).outcome, decided.outcome);
      }
    }
  });
}

test("a guest may wait for an agent, and not leave it running", async () => {
  const grace = await answerOf("axum-chats-grace.js");
  const run = { method: "POST", path: RUNS, when: { agent: "planner" } };
  assert.equal(may(grace, { ...run, mode: "foreground" }).show, "enable");
  assert.deepEqual(may(grace, { ...run, mode: "background" }), {
    outcome: "deny",
    show: "disable",
    sentence: "Running `agent-planner` in `background` takes a higher role in the organization.",
    remedy: {
      who: "org_admin",
      action: "give the required role, or lower the floor where the site allows it",
    },
  });
});

test("an org that has switched chats off says who can switch them on", async () => {
  const alice = await answerOf("axum-chats-alice.js");
  const { show, sentence } = may(alice, { method: "POST", path: "/orgs/{org}/chats" });
  assert.deepEqual([show, sentence], ["disable", "An admin of the organization can turn `chat` on."]);
});

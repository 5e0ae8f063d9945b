// What `may` says of a control, and that it says no more than the service did.

import assert from "node:assert/strict";
import { test } from "node:test";

import { may } from "../build/gatepost.js";

const OFF = {
  outcome: "deny",
  code: "org_off",
  tier: "org",
  title: "Switched off in this organization",
  detail: "An admin of the organization can turn `chat` on.",
  remedy: { who: "org_admin", action: "switch on `chat`" },
};
const FLOOR = { ...OFF, code: "mode_floor", detail: "It takes a higher role." };
const ALLOW = { outcome: "allow" };
const HIDDEN = { outcome: "deny" };

const row = (method, path, more) => ({ method, path, resource: "chat", action: "read", ...more });
const RUNS = "/orgs/{org}/agents/{agent}/runs";

const capabilities = {
  subject: "alice",
  org: "acme",
  routes: [
    { method: "*", path: "/healthz", outcome: "allow", public: true },
    row("GET", "/chats", ALLOW),
    row("POST", "/chats", OFF),
    row("GET", "/secret", HIDDEN),
    row("GET", "/elsewhere", { ...OFF, code: "not_a_member" }),
    row("GET", "/broken", { ...OFF, code: "permit_missing", remedy: undefined }),
    row("GET", "/chats/{id}", { outcome: "depends", on: ["owner"], own: ALLOW, other: OFF }),
    row("PUT", "/chats/{id}", { outcome: "depends", on: ["owner"], own: OFF, other: HIDDEN }),
    row("POST", "/me", { outcome: "depends", on: ["org"] }),
    row("GET", "/newer", { outcome: "perhaps" }),
    row("POST", RUNS, { ...ALLOW, mode: "foreground", when: { agent: "planner" } }),
    row("POST", RUNS, { ...FLOOR, mode: "background", when: { agent: "planner" } }),
    row("POST", RUNS, { ...OFF, mode: "foreground" }),
    row("POST", RUNS, { ...OFF, mode: "background" }),
  ],
};

const disabled = (denial) => ({
  outcome: "deny",
  show: "disable",
  sentence: denial.detail,
  remedy: denial.remedy,
});
const enabled = { outcome: "allow", show: "enable" };
const hidden = { outcome: "deny", show: "hide" };
const unknown = { outcome: "unknown", show: "hide" };

const rows = [
  ["what is allowed is enabled", { method: "GET", path: "/chats" }, enabled],
  ["a method may be in small letters", { method: "get", path: "/chats" }, enabled],
  ["GET answers HEAD", { method: "HEAD", path: "/chats" }, enabled],
  ["what somebody can change is disabled, and why", { method: "POST", path: "/chats" }, disabled(OFF)],
  ["what nobody is to know is hidden", { method: "GET", path: "/secret" }, hidden],
  ["an org that one is not in is hidden", { method: "GET", path: "/elsewhere" }, hidden],
  ["what nobody can change is hidden", { method: "GET", path: "/broken" }, hidden],
  ["a route that is none is hidden", { method: "GET", path: "/made-up" }, unknown],
  ["another method is none", { method: "DELETE", path: "/chats" }, unknown],
  ["every method is one of them", { method: "DELETE", path: "/healthz" }, enabled],
  ["an outcome of a newer service is not offered", { method: "GET", path: "/newer" }, unknown],
  ["a mode that is none of the route's is none", { method: "POST", path: RUNS, mode: "batch" }, unknown],
  ["one's own object", { method: "GET", path: "/chats/{id}", own: true }, enabled],
  ["somebody else's", { method: "GET", path: "/chats/{id}", own: false }, disabled(OFF)],
  ["nobody knows whose", { method: "GET", path: "/chats/{id}" }, { outcome: "depends", show: "enable" }],
  ["refused whoever's it is", { method: "PUT", path: "/chats/{id}" }, { ...disabled(OFF), outcome: "depends" }],
  ["an org is to be chosen", { method: "POST", path: "/me" }, { outcome: "depends", show: "enable" }],
  ["in this mode", { method: "POST", path: RUNS, mode: "background", when: { agent: "planner" } }, disabled(FLOOR)],
  ["in any mode", { method: "POST", path: RUNS, when: { agent: "planner" } }, enabled],
  ["of another value", { method: "POST", path: RUNS, mode: "foreground", when: { agent: "x" } }, disabled(OFF)],
  ["of a value that is not said", { method: "POST", path: RUNS, mode: "foreground" }, disabled(OFF)],
  ["of a name that objects have", { method: "POST", path: RUNS, when: { toString: "planner" } }, disabled(OFF)],
];

for (const [what, use, verdict] of rows) {
  test(what, () => assert.deepEqual(may(capabilities, use), verdict));
}

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
const QUEUED = "/queued/{agent}";
const PARTS = "/parts/{agent}/{part}";
const A = { agent: "a" };
const B = { agent: "b" };

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
    row("POST", QUEUED, { ...ALLOW, mode: "background", when: A }),
    row("POST", QUEUED, { ...ALLOW, mode: "foreground" }),
    row("POST", PARTS, { ...ALLOW, when: { ...A, part: "x" } }),
    row("POST", PARTS, HIDDEN),
    row("GET", "/on/time", { outcome: "depends", on: ["time"] }),
    row("GET", "/on/both", { outcome: "depends", on: ["owner", "time"], own: ALLOW, other: ALLOW }),
    row("GET", "/on/none", { outcome: "depends" }),
    row("GET", "/on/owner", { outcome: "depends", on: ["owner"] }),
    row("GET", "/on/newer", { outcome: "depends", on: ["owner"], own: { outcome: "perhaps" }, other: { outcome: "perhaps" } }),
    row("GET", "/on/half", { outcome: "depends", on: ["owner"], own: ALLOW, other: null }),
    row("POST", "/batch", { ...ALLOW, mode: "batch" }),
    row("POST", "/batch-too", { ...ALLOW, mode: "batch" }),
    row("POST", "/batch-too", { ...OFF, mode: "foreground" }),
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
const open = { outcome: "depends", show: "enable" };

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
  ["nobody knows whose", { method: "GET", path: "/chats/{id}" }, open],
  ["refused whoever's it is", { method: "PUT", path: "/chats/{id}" }, { ...disabled(OFF), outcome: "depends" }],
  ["an org is to be chosen", { method: "POST", path: "/me" }, open],
  ["in this mode", { method: "POST", path: RUNS, mode: "background", when: { agent: "planner" } }, disabled(FLOOR)],
  ["in any mode", { method: "POST", path: RUNS, when: { agent: "planner" } }, enabled],
  ["of another value", { method: "POST", path: RUNS, mode: "foreground", when: { agent: "x" } }, disabled(OFF)],
  ["of a value that is not said, what is best", { method: "POST", path: RUNS, mode: "foreground" }, open],
  [
    "refused whatever the value, as all others are",
    { method: "POST", path: RUNS, mode: "background" },
    { ...disabled(OFF), outcome: "depends" },
  ],
  ["of another parameter, it is not said", { method: "POST", path: RUNS, when: { toString: "planner" } }, open],
  ["of a name that objects have", { method: "POST", path: RUNS, when: { agent: "toString" } }, disabled(OFF)],
  ["of a value whose modes are others", { method: "POST", path: QUEUED, mode: "foreground", when: A }, unknown],
  ["of a value, where another parameter is open", { method: "POST", path: PARTS, when: A }, open],
  ["refused, where another parameter is open", { method: "POST", path: PARTS, when: B }, { ...hidden, outcome: "depends" }],
  ["what depends on something newer", { method: "GET", path: "/on/time" }, unknown],
  ["what depends on something newer too", { method: "GET", path: "/on/both", own: true }, unknown],
  ["what depends on nothing that is said", { method: "GET", path: "/on/none" }, unknown],
  ["the owner's to know, who is told nothing", { method: "GET", path: "/on/owner" }, unknown],
  ["the owner's to know, who is told nothing, one's own", { method: "GET", path: "/on/owner", own: true }, unknown],
  ["the owner's to know, in newer words", { method: "GET", path: "/on/newer" }, unknown],
  ["the owner's to know, who is told half", { method: "GET", path: "/on/half", own: true }, unknown],
  ["a mode of a newer service, in any mode", { method: "POST", path: "/batch" }, unknown],
  ["a mode of a newer service is not in another", { method: "POST", path: "/batch", mode: "background" }, unknown],
  ["a mode of a newer service beside one that is known", { method: "POST", path: "/batch-too" }, disabled(OFF)],
];

for (const [what, use, verdict] of rows) {
  test(what, () => assert.deepEqual(may(capabilities, use), verdict));
}

// `load` over a real socket: what it asks, and that nothing is sent twice.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";

import { Refused, load, problemOf } from "../build/gatepost.js";

let base;
let asked = [];
let answer;

const server = createServer((request, response) => {
  asked.push({ url: request.url, headers: request.headers });
  const { status = 200, headers = {}, body = "" } = answer(request);
  response.writeHead(status, headers).end(body);
});

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}/capabilities`;
});
beforeEach(() => {
  asked = [];
});
after(() => server.close());

const document = { subject: "alice", org: "a b&c", routes: [] };
const headers = { "content-type": "application/json", etag: '"1"' };

test("it asks in an org, by the headers of the caller", async () => {
  answer = () => ({ headers, body: JSON.stringify(document) });
  const loaded = await load(base, { org: "a b&c", headers: { authorization: "Bearer x" } });
  assert.deepEqual(loaded, { capabilities: document, etag: '"1"' });
  assert.equal(asked[0].url, "/capabilities?org=a%20b%26c");
  assert.equal(asked[0].headers.authorization, "Bearer x");
  assert.equal(asked[0].headers["if-none-match"], undefined);
});

test("the query of the URL stays", async () => {
  answer = () => ({ headers, body: JSON.stringify(document) });
  await load(`${base}?x=1#top`, { org: "acme" });
  await load(`${base}?x=1`);
  await load(`${base}#top?`, { org: "acme" });
  assert.deepEqual(
    asked.map(({ url }) => url),
    ["/capabilities?x=1&org=acme", "/capabilities?x=1", "/capabilities?org=acme"],
  );
});

test("what is known is not sent again", async () => {
  answer = (request) => {
    const known = request.headers["if-none-match"] === '"1"';
    return known ? { status: 304, headers: { etag: '"1"' } } : { headers, body: JSON.stringify(document) };
  };
  const first = await load(base);
  assert.equal(asked[0].url, "/capabilities");
  assert.equal(await load(base, { known: first }), first);
  assert.equal(asked[1].headers["if-none-match"], '"1"');
});

test("a refusal is an error with its problem document", async () => {
  const problem = { type: "t", title: "Authentication required", status: 401, detail: "No.", decision: "1" };
  const type = { "content-type": "application/problem+json; charset=utf-8" };
  answer = () => ({ status: 401, headers: type, body: JSON.stringify(problem) });
  await assert.rejects(load(base), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.message, error.problem], [401, "No.", problem]);
    return true;
  });
});

test("an error that is no problem document has none", async () => {
  answer = () => ({ status: 502, headers: { "content-type": "text/html" }, body: "<h1>" });
  await assert.rejects(load(base), { name: "Refused", status: 502, message: "status 502", problem: undefined });
  assert.equal(await problemOf(new Response("{}", { headers: { "content-type": "application/json" } })), undefined);
});

test("a problem document is one whatever the case of its type", async () => {
  const type = { "content-type": "Application/Problem+JSON ; charset=utf-8" };
  answer = () => ({ status: 403, headers: type, body: JSON.stringify({ detail: "No." }) });
  await assert.rejects(load(base), { name: "Refused", status: 403, message: "No." });
});

test("a broken problem document is none, and the refusal stays one", async () => {
  const type = { "content-type": "application/problem+json" };
  for (const body of ["", "<html>", '{"detail": ', "null", "[]", '"No."']) {
    answer = () => ({ status: 502, headers: type, body });
    const refused = { name: "Refused", status: 502, message: "status 502", problem: undefined };
    await assert.rejects(load(base), refused, body);
  }
});

test("what is no answer is not taken for one", async () => {
  for (const body of ["", "<html>", "{}", "[]", "null", '{"routes": 1}']) {
    answer = () => ({ headers, body });
    await assert.rejects(load(base), { name: "Refused", status: 200, problem: undefined }, body);
  }
});

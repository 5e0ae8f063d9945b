// Every page, light and dark, on a desk and on phones: nothing serious by axe-core, nothing wider than the window.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";

import { DESKTOP, NARROW, PHONE, overflow, seriousProblems, watchedPage } from "../rig/browser.js";
import { button, choice, loggedIn, loginLink, world } from "../rig/world.js";

let here;
let change;
let orgChange;

before(async () => {
  here = await world({ mounted: true });
  const root = await loggedIn(here, "root");
  change = await made(root, "/site", "background", "agent", "off", "runs do not end");
  const ada = await loggedIn(here, "ada");
  orgChange = await made(ada, "/orgs/acme", "foreground", "agent", "off", "nobody waits here");
  await here.chats.create("grace", "initech");
  await here.chats.create("sam", "acme");
  await root.closed();
  await ada.closed();
});
after(() => here?.ended());

/** Makes a change and returns the path of its page. */
async function made({ page, to }, path, mode, resource, word, reason) {
  await asked({ page, to }, path, mode, resource, word);
  await page.getByLabel("Why?").fill(reason);
  await page.getByRole("button", { name: /Make the change|Switch off/ }).click();
  await page.waitForURL(/\/changes\/\d+$/);
  return page.url().slice(here.console.url.length);
}

/** Asks for a change, up to the page that says what it would do. */
async function asked({ page, to }, path, mode, resource, word) {
  await to(path);
  const label = mode ? `switch of ${resource} in ${mode}` : `switch of ${resource}`;
  await choice(page, label).selectOption(word);
  await button(page, `Change… the ${label}`).click();
  await page.getByLabel("Why?").waitFor();
}

/** Every page, by a name: who looks, and the way there. */
const pages = () => ({
  home: ["root", ""],
  site: ["root", "/site"],
  kill: ["root", (visit) => killed(visit)],
  change: ["root", change],
  orgs: ["root", "/orgs"],
  "orgs-none": ["root", "/orgs?q=nobody"],
  org: ["ada", "/orgs/acme"],
  "org-below": ["ada", "/orgs/acme-labs"],
  "org-of-site": ["root", "/orgs/acme"],
  members: ["ada", "/orgs/acme/members"],
  roles: ["ada", "/orgs/acme/roles"],
  matrix: ["ada", "/orgs/acme/matrix"],
  "org-confirm": ["ada", (visit) => asked(visit, "/orgs/acme", "", "chat", "off")],
  "org-change": ["ada", orgChange],
  "org-why": ["ada", "/orgs/acme/why?subject=sam&what=chat:create&mode=foreground"],
  "org-audit": ["ada", "/orgs/acme/audit"],
  "org-denials": ["ada", "/orgs/acme/audit?show=denials"],
  subjects: ["root", "/subjects"],
  subject: ["root", "/subjects/alice"],
  why: ["root", "/why?subject=alice&org=initech&what=chat:create&mode=foreground"],
  "why-asked": ["alice", "/why"],
  "why-agent": ["root", "/why?subject=planner-bot&acting_for=alice&org=acme&what=agent-planner:execute&mode=background"],
  routes: ["root", "/routes"],
  audit: ["root", "/audit"],
  denials: ["root", "/audit?show=denials"],
  auditor: ["aron", "/site"],
  refused: ["grace", "/site", 403],
  missing: ["root", "/changes/999999", 404],
});

async function killed({ page, to }) {
  await to("/site");
  await button(page, "Switch off everywhere… chat").click();
  await page.getByLabel("Why?").waitFor();
}

/** The pages that are kept as pictures, where `GATEPOST_SCREENSHOTS` names a folder. */
const pictures = process.env.GATEPOST_SCREENSHOTS;
const pictured = {
  "site desktop light": "site",
  "site phone dark": "site-phone-dark",
  "kill desktop light": "kill",
  "kill phone light": "kill-phone",
  "org desktop light": "org",
  "org desktop dark": "org-dark",
  "why desktop light": "why",
  "why phone dark": "why-phone-dark",
  "matrix desktop dark": "matrix-dark",
  "change phone light": "change-phone",
};

for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE, narrow: NARROW })) {
  for (const light of size === "narrow" ? ["light"] : ["light", "dark"]) {
    test(`no page has a serious problem or is too wide: ${size}, ${light}`, async () => {
      const visits = new Map();
      const found = {};
      for (const [name, [who, way, status]] of Object.entries(pages())) {
        if (!visits.has(who)) visits.set(who, await loggedIn(here, who, { viewport, dark: light === "dark" }));
        const visit = visits.get(who);
        if (status) visit.expects(status);
        if (typeof way === "string") {
          const answer = await visit.to(way);
          assert.equal(answer.status(), status ?? 200, name);
        } else {
          await way(visit);
        }
        await visit.page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = false)));
        await picture(visit.page, `${name} ${size} ${light}`);
        await visit.page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
        const wide = await overflow(visit.page);
        // What is narrower than a phone differs in its width alone.
        const problems = size === "narrow" ? [] : await seriousProblems(visit.page);
        if (wide > 0) problems.push(`wider than the window by ${wide}`);
        if (problems.length > 0) found[name] = problems;
      }
      for (const visit of visits.values()) await visit.closed();
      const nobody = await watchedPage(here.chromium, { own: here.console.url, viewport, dark: light === "dark" });
      nobody.expects(401);
      for (const url of [await loginLink(here, "ada"), `${here.console.url}/login`, `${here.console.url}/site`]) {
        await nobody.page.goto(url);
        const problems = await seriousProblems(nobody.page);
        if (problems.length > 0) found[url] = problems;
      }
      await nobody.closed();
      assert.deepEqual(found, {});
    });
  }
}

async function picture(page, name) {
  const file = pictured[name];
  if (!pictures) return;
  await mkdir(pictures, { recursive: true });
  if (file) await page.screenshot({ path: `${pictures}/${file}.png` });
  if (process.env.GATEPOST_SCREENSHOTS_ALL) {
    await page.screenshot({ path: `${pictures}/${name.replaceAll(" ", "-")}.png`, fullPage: true });
  }
}

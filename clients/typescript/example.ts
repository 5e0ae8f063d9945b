/**
 * A page whose buttons say themselves what they do:
 *
 *     <button data-method="POST" data-path="/orgs/{org}/chats">New chat</button>
 *     <button data-method="POST" data-path="/orgs/{org}/agents/{agent}/runs"
 *             data-mode="background" data-when='{"agent": "planner"}'>Leave it running</button>
 */

import { type Loaded, type LoadOptions, type Use, type Who, load, may } from "./gatepost.js";

const CAPABILITIES = "/.well-known/gatepost/capabilities";

/** Who can change an answer, in the words of the page. */
const WHO: Record<Who, string> = {
  site_admin: "an admin of the site",
  org_admin: "an admin of the organization",
  self: "yourself",
};

/** Enables, disables or hides each button, and asks again whenever the reader comes back to the page. */
export async function follow(page: Document, options: LoadOptions): Promise<void> {
  let known: Loaded | undefined;
  const ask = async (): Promise<void> => {
    const loaded = await load(CAPABILITIES, { ...options, known });
    // The very same where nothing has changed.
    if (loaded !== known) dress(page, loaded);
    known = loaded;
  };
  page.addEventListener("visibilitychange", () => {
    if (page.visibilityState === "visible") ask().catch(console.error);
  });
  await ask();
}

/** Enables, disables or hides each button. */
export function dress(page: ParentNode, { capabilities }: Loaded): void {
  for (const button of page.querySelectorAll<HTMLButtonElement>("button[data-path]")) {
    const { show, sentence, remedy } = may(capabilities, useOf(button));
    button.hidden = show === "hide";
    button.disabled = show !== "enable";
    button.title = remedy ? `${sentence} To be changed by ${WHO[remedy.who]}: ${remedy.action}.` : "";
  }
}

function useOf({ dataset }: HTMLButtonElement): Use {
  const use: Use = { method: dataset["method"] ?? "GET", path: dataset["path"] ?? "" };
  const { mode, when, own } = dataset;
  if (mode === "foreground" || mode === "background") use.mode = mode;
  if (when) use.when = JSON.parse(when) as Record<string, string>;
  if (own) use.own = own === "true";
  return use;
}

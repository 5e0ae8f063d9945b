/**
 * What a subject may do in a service behind Gatepost, for a front end: which buttons to show, and what to say
 * of those that would not work.
 *
 * One file without dependencies: copy it. It hides nothing that has to be hidden; the service decides each
 * request anew, whatever a page shows.
 */

/** How work runs: the caller waits, or it is queued. */
export type Mode = "foreground" | "background";

/** Where it was decided. */
export type Tier = "identity" | "site" | "org" | "mode";

/** Who can change an answer. */
export type Who = "site_admin" | "org_admin" | "self";

/** Why a request was not allowed. A newer service may know more of them. */
export type Code =
  | "unauthenticated"
  | "subject_suspended"
  | "delegator_missing"
  | "scope_missing"
  | "site_off"
  | "site_denied"
  | "site_grant_missing"
  | "site_mode_off"
  | "org_required"
  | "org_conflict"
  | "no_default_org"
  | "not_a_member"
  | "org_suspended"
  | "org_off"
  | "org_mode_off"
  | "org_denied"
  | "org_grant_missing"
  | "mode_floor"
  | "bad_request"
  | "body_too_large"
  | "policy_unavailable"
  | "policy_stale"
  | "permit_missing"
  | "ticket_invalid"
  | "ticket_expired"
  | (string & {});

/** Who can change an answer, and how. */
export interface Remedy {
  who: Who;
  action: string;
}

/** What is said of a refusal. One that is hidden says nothing of it. */
export interface Reasons {
  code?: Code;
  tier?: Tier;
  title?: string;
  /** What is to be said to the reader, in the language that `Accept-Language` asked for. */
  detail?: string;
  remedy?: Remedy;
  /** Whose refusal it was, where the subject acts for somebody. */
  whose?: "subject" | "acting_for";
  /** The role that reaches the mode's floor. */
  required_role?: string;
}

/** The problem document (RFC 9457) of a refused request. */
export interface Problem extends Reasons {
  type: string;
  title: string;
  status: number;
  resource?: string;
  action?: string;
  mode?: Mode;
  org?: string;
  /** The id that is also in the service's log. */
  decision: string;
}

/** The answer of a capabilities route. */
export interface Capabilities {
  subject: string;
  acting_for?: string;
  org?: string;
  routes: Capability[];
}

/** What a request would come to. */
export type Decided = { outcome: "allow" } | ({ outcome: "deny" } & Reasons);

/** What it comes to where that cannot be told yet: no org was named, or it is the owner's to know. */
export type Depends =
  | { outcome: "depends"; on: ["org"] }
  | { outcome: "depends"; on: ["owner"]; own: Decided; other: Decided };

/** One route, in one mode, and what a request of it would come to. */
export type Capability = Route & (Decided | Depends);

/** Which route, in which mode. */
export interface Route {
  /** The method; `*` is every one that no other row is about. */
  method: string;
  /** The path with its parameters in braces, as the service registered it. */
  path: string;
  resource?: string;
  action?: string;
  mode?: Mode;
  /** The values of path parameters that the row is about; a row without is about all others. */
  when?: Record<string, string>;
  public?: true;
}

/** What a control of a page does when it is used. */
export interface Use {
  method: string;
  /** As in {@link Route}: `/orgs/{org}/chats`. */
  path: string;
  /** Without it, one of the route's modes has to be allowed. */
  mode?: Mode;
  /**
   * The values of path parameters, where the outcome depends on them: `{ agent: "planner" }`. Without one of them
   * the control is one for any value, to be chosen later: it depends, and is shown as the best of them would be.
   */
  when?: Record<string, string>;
  /** Whether the object is the subject's own, where that is known. */
  own?: boolean;
}

/** What to do with a control. */
export interface Verdict {
  outcome: "allow" | "deny" | "depends" | "unknown";
  show: "enable" | "disable" | "hide";
  /** Why it is disabled, in the reader's language. */
  sentence?: string;
  /** Who can change that, and how. There is one wherever there is a sentence. */
  remedy?: Remedy;
}

/** What was loaded, to be handed to the next {@link load}. */
export interface Loaded {
  capabilities: Capabilities;
  etag: string | null;
}

/** How to ask. */
export interface LoadOptions {
  /** The org in which; without it, what depends on one says so. */
  org?: string;
  /** Says who asks: `{ authorization: "Bearer …" }`. */
  headers?: Record<string, string>;
  /** What was loaded before, by the same subject and of the same org. Where nothing has changed, it is the answer. */
  known?: Loaded | undefined;
  signal?: AbortSignal;
}

/** A request that was not answered as it was meant to: by an error, or by something that is no answer. */
export class Refused extends Error {
  readonly status: number;
  /** Why, where the service said so. */
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined) {
    super(problem?.detail ?? problem?.title ?? `status ${status}`);
    this.name = "Refused";
    this.status = status;
    this.problem = problem;
  }
}

/**
 * Asks a service what the subject may do. The URL may have a query of its own.
 *
 * @throws {Refused} where it does not say. What `fetch` throws, where there was no answer at all.
 */
export async function load(url: string, options: LoadOptions = {}): Promise<Loaded> {
  const { org, headers, known, signal } = options;
  const asked = new Headers({ accept: "application/json", ...headers });
  if (known?.etag) asked.set("if-none-match", known.etag);
  // Revalidated here, so no cache of the browser's is asked.
  const init: RequestInit = { headers: asked, cache: "no-store" };
  if (signal) init.signal = signal;
  const response = await fetch(org === undefined ? url : inOrg(url, org), init);
  if (response.status === 304 && known) return known;
  if (!response.ok) throw new Refused(response.status, await problemOf(response));
  const capabilities = objectOf<Capabilities>(await response.text());
  if (!capabilities || !Array.isArray(capabilities.routes)) throw new Refused(response.status, undefined);
  return { capabilities, etag: response.headers.get("etag") };
}

function inOrg(url: string, org: string): string {
  const [asked = ""] = url.split("#", 1);
  return `${asked}${asked.includes("?") ? "&" : "?"}org=${encodeURIComponent(org)}`;
}

/** The problem document of any response of the service; none where it has none, or a broken one. */
export async function problemOf(response: Response): Promise<Problem | undefined> {
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";", 1);
  if (type.trim().toLowerCase() !== "application/problem+json") return undefined;
  return objectOf<Problem>(await response.text());
}

/** The object that a text is; none where it is not JSON, or something else in JSON. */
function objectOf<T extends object>(text: string): T | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as T) : undefined;
  } catch {
    return undefined;
  }
}

/** Of a newer service, or of none: what is not understood is not offered. */
const UNKNOWN: Readonly<Verdict> = { outcome: "unknown", show: "hide" };

/**
 * What to do with a control: enable it, disable it and say why, or hide it.
 *
 * It is hidden where nobody is to know of it, where the subject is not in the org, where nobody could change the
 * answer, where the service has no such route, and where its answer is not understood. It is enabled where the
 * outcome depends on what is not known yet, and may be an allow.
 */
export function may(capabilities: Capabilities, use: Use): Verdict {
  const here = rowsOf(capabilities, use);
  const given = use.when ?? {};
  const parameters = new Set(here.flatMap((row) => Object.keys(row.when ?? {})));
  const others = here.filter((row) => !row.when);
  const isChosen = [...parameters].every((name) => Object.hasOwn(given, name));
  if (!isChosen) {
    // What is said of all other values comes first: where all refuse, it is the most general reason.
    const open = here.filter((row) => row.when && isAbout(row.when, given, true));
    return either(verdictsOf([...others, ...open], use));
  }
  const named = here.filter((row) => row.when && isAbout(row.when, given, false));
  return best(verdictsOf(named.length > 0 ? named : others, use)) ?? UNKNOWN;
}

/** What is said of the path and the method. */
function rowsOf(capabilities: Capabilities, use: Use): Capability[] {
  const here = capabilities.routes.filter((row) => row.path === use.path);
  // GET answers HEAD, and `*` is every method that nothing else is said of.
  const methods = [use.method.toUpperCase(), use.method.toUpperCase() === "HEAD" ? "GET" : "*", "*"];
  const method = methods.find((method) => here.some((row) => row.method === method));
  return here.filter((row) => row.method === method);
}

function isAbout(when: Record<string, string>, given: Record<string, string>, orMayBe: boolean): boolean {
  return Object.entries(when).every(([name, value]) =>
    Object.hasOwn(given, name) ? given[name] === value : orMayBe,
  );
}

/** What is said in the control's mode, or in each that there is. */
function verdictsOf(rows: Capability[], use: Use): Verdict[] {
  const modes = use.mode === undefined ? ["foreground", "background"] : [use.mode];
  const inMode = rows.filter((row) => row.mode === undefined || modes.includes(row.mode));
  return inMode.map((row) => verdictOf(row, use));
}

function verdictOf(row: Decided | Depends, use: Use): Verdict {
  if (row.outcome !== "depends") return decided(row);
  // A newer service may know of more, and of several at once.
  const on: readonly string[] = row.on ?? [];
  const [what] = on.length === 1 ? on : [];
  if (what === "org") return { outcome: "depends", show: "enable" };
  if (what !== "owner" || !("own" in row && row.own && row.other)) return UNKNOWN;
  if (use.own !== undefined) return decided(use.own ? row.own : row.other);
  return either([decided(row.own), decided(row.other)]);
}

function decided(outcome: Decided): Verdict {
  switch (outcome.outcome) {
    case "allow":
      return { outcome: "allow", show: "enable" };
    case "deny":
      return refused(outcome);
    default:
      return UNKNOWN;
  }
}

function refused(reasons: Reasons): Verdict {
  const { code, detail, title, remedy } = reasons;
  const sentence = detail ?? title;
  if (code === undefined || code === "not_a_member" || !remedy || sentence === undefined) {
    return { outcome: "deny", show: "hide" };
  }
  return { outcome: "deny", show: "disable", sentence, remedy };
}

/** What it is where it is one of these, and nobody knows which. */
function either(verdicts: Verdict[]): Verdict {
  const found = best(verdicts) ?? UNKNOWN;
  return found.outcome === "unknown" ? found : { ...found, outcome: "depends" };
}

/** The one that lets the reader do most. */
function best(verdicts: Verdict[]): Verdict | undefined {
  const order: Verdict["show"][] = ["enable", "disable", "hide"];
  const found = order.map((show) => verdicts.find((verdict) => verdict.show === show));
  return found.find((verdict) => verdict !== undefined);
}

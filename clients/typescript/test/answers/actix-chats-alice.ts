// What actix-chats answers `alice` in initech. Its tests write it, with GATEPOST_ACCEPT=1.
import type { Capabilities } from "../../gatepost.js";

export const answer: Capabilities = {
  "org": "initech",
  "routes": [
    {
      "method": "GET",
      "outcome": "allow",
      "path": "/.well-known/gatepost/capabilities",
      "public": true
    },
    {
      "action": "create",
      "code": "org_off",
      "detail": "An admin of the organization can turn `chat` on.",
      "method": "POST",
      "mode": "foreground",
      "outcome": "deny",
      "path": "/chats",
      "remedy": {
        "action": "switch on `chat`",
        "who": "org_admin"
      },
      "resource": "chat",
      "tier": "org",
      "title": "Switched off in this organization"
    },
    {
      "action": "create",
      "method": "POST",
      "mode": "foreground",
      "outcome": "allow",
      "path": "/dashboard/chats",
      "resource": "chat"
    },
    {
      "method": "GET",
      "outcome": "allow",
      "path": "/healthz",
      "public": true
    },
    {
      "action": "create",
      "method": "POST",
      "mode": "foreground",
      "outcome": "allow",
      "path": "/me/chats",
      "resource": "chat"
    },
    {
      "method": "GET",
      "outcome": "allow",
      "path": "/openapi.json",
      "public": true
    },
    {
      "action": "execute",
      "method": "POST",
      "mode": "foreground",
      "outcome": "allow",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "resource": "agent-planner",
      "when": {
        "agent": "planner"
      }
    },
    {
      "action": "execute",
      "method": "POST",
      "mode": "background",
      "outcome": "allow",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "resource": "agent-planner",
      "when": {
        "agent": "planner"
      }
    },
    {
      "action": "execute",
      "code": "org_off",
      "detail": "An admin of the organization can turn `agent-security-analyst` on.",
      "method": "POST",
      "mode": "foreground",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "switch on `agent-security-analyst`",
        "who": "org_admin"
      },
      "resource": "agent-security-analyst",
      "tier": "org",
      "title": "Switched off in this organization",
      "when": {
        "agent": "security-analyst"
      }
    },
    {
      "action": "execute",
      "code": "org_off",
      "detail": "An admin of the organization can turn `agent-security-analyst` on.",
      "method": "POST",
      "mode": "background",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "switch on `agent-security-analyst`",
        "who": "org_admin"
      },
      "resource": "agent-security-analyst",
      "tier": "org",
      "title": "Switched off in this organization",
      "when": {
        "agent": "security-analyst"
      }
    },
    {
      "action": "execute",
      "code": "org_off",
      "detail": "An admin of the organization can turn `agent` on.",
      "method": "POST",
      "mode": "foreground",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "switch on `agent`",
        "who": "org_admin"
      },
      "resource": "agent",
      "tier": "org",
      "title": "Switched off in this organization"
    },
    {
      "action": "execute",
      "code": "org_off",
      "detail": "An admin of the organization can turn `agent` on.",
      "method": "POST",
      "mode": "background",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "switch on `agent`",
        "who": "org_admin"
      },
      "resource": "agent",
      "tier": "org",
      "title": "Switched off in this organization"
    },
    {
      "action": "read",
      "method": "GET",
      "outcome": "allow",
      "path": "/orgs/{org}/chats",
      "resource": "chat"
    },
    {
      "action": "create",
      "code": "org_off",
      "detail": "An admin of the organization can turn `chat` on.",
      "method": "POST",
      "mode": "foreground",
      "outcome": "deny",
      "path": "/orgs/{org}/chats",
      "remedy": {
        "action": "switch on `chat`",
        "who": "org_admin"
      },
      "resource": "chat",
      "tier": "org",
      "title": "Switched off in this organization"
    },
    {
      "action": "delete",
      "method": "DELETE",
      "on": [
        "owner"
      ],
      "other": {
        "code": "org_grant_missing",
        "detail": "No role in the organization grants this on `chat`.",
        "outcome": "deny",
        "remedy": {
          "action": "give a role that grants it",
          "who": "org_admin"
        },
        "tier": "org",
        "title": "Not granted in this organization"
      },
      "outcome": "depends",
      "own": {
        "outcome": "allow"
      },
      "path": "/orgs/{org}/chats/{id}",
      "resource": "chat"
    },
    {
      "action": "read",
      "method": "GET",
      "on": [
        "owner"
      ],
      "other": {
        "outcome": "deny"
      },
      "outcome": "depends",
      "own": {
        "outcome": "allow"
      },
      "path": "/orgs/{org}/chats/{id}",
      "resource": "chat"
    },
    {
      "action": "update",
      "code": "org_off",
      "detail": "An admin of the organization can turn `chat` on.",
      "method": "POST",
      "outcome": "deny",
      "path": "/orgs/{org}/chats/{id}/promote",
      "remedy": {
        "action": "switch on `chat`",
        "who": "org_admin"
      },
      "resource": "chat",
      "tier": "org",
      "title": "Switched off in this organization"
    },
    {
      "action": "read",
      "method": "GET",
      "on": [
        "owner"
      ],
      "other": {
        "outcome": "deny"
      },
      "outcome": "depends",
      "own": {
        "outcome": "allow"
      },
      "path": "/orgs/{org}/chats/{id}/stream",
      "resource": "chat"
    },
    {
      "action": "update",
      "code": "org_off",
      "detail": "An admin of the organization can turn `chat` on.",
      "method": "POST",
      "outcome": "deny",
      "path": "/orgs/{org}/chats/{id}/tool-results",
      "remedy": {
        "action": "switch on `chat`",
        "who": "org_admin"
      },
      "resource": "chat",
      "tier": "org",
      "title": "Switched off in this organization"
    }
  ],
  "subject": "alice"
};

// What axum-chats answers `planner-bot for grace` in acme. Its tests write it, with GATEPOST_ACCEPT=1.
import type { Capabilities } from "../../gatepost.js";

export const answer: Capabilities = {
  "acting_for": "grace",
  "org": "acme",
  "routes": [
    {
      "method": "GET",
      "outcome": "allow",
      "path": "/.well-known/gatepost/capabilities",
      "public": true
    },
    {
      "action": "create",
      "method": "POST",
      "mode": "foreground",
      "outcome": "allow",
      "path": "/chats",
      "resource": "chat"
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
      "method": "*",
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
      "method": "*",
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
      "code": "mode_floor",
      "detail": "Running `agent-planner` in `background` takes a higher role in the organization.",
      "method": "POST",
      "mode": "background",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "give the required role, or lower the floor where the site allows it",
        "who": "org_admin"
      },
      "required_role": "developer",
      "resource": "agent-planner",
      "tier": "mode",
      "title": "A higher role is required",
      "when": {
        "agent": "planner"
      },
      "whose": "acting_for"
    },
    {
      "action": "execute",
      "code": "org_grant_missing",
      "detail": "No role in the organization grants this on `agent-security-analyst`.",
      "method": "POST",
      "mode": "foreground",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "give a role that grants it",
        "who": "org_admin"
      },
      "resource": "agent-security-analyst",
      "tier": "org",
      "title": "Not granted in this organization",
      "when": {
        "agent": "security-analyst"
      },
      "whose": "acting_for"
    },
    {
      "action": "execute",
      "code": "mode_floor",
      "detail": "Running `agent-security-analyst` in `background` takes a higher role in the organization.",
      "method": "POST",
      "mode": "background",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "give the required role, or lower the floor where the site allows it",
        "who": "org_admin"
      },
      "required_role": "maintainer",
      "resource": "agent-security-analyst",
      "tier": "mode",
      "title": "A higher role is required",
      "when": {
        "agent": "security-analyst"
      },
      "whose": "subject"
    },
    {
      "action": "execute",
      "method": "POST",
      "mode": "foreground",
      "outcome": "allow",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "resource": "agent"
    },
    {
      "action": "execute",
      "code": "mode_floor",
      "detail": "Running `agent` in `background` takes a higher role in the organization.",
      "method": "POST",
      "mode": "background",
      "outcome": "deny",
      "path": "/orgs/{org}/agents/{agent}/runs",
      "remedy": {
        "action": "give the required role, or lower the floor where the site allows it",
        "who": "org_admin"
      },
      "required_role": "developer",
      "resource": "agent",
      "tier": "mode",
      "title": "A higher role is required",
      "whose": "acting_for"
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
      "method": "POST",
      "mode": "foreground",
      "outcome": "allow",
      "path": "/orgs/{org}/chats",
      "resource": "chat"
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
        "title": "Not granted in this organization",
        "whose": "subject"
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
      "method": "POST",
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
        "title": "Not granted in this organization",
        "whose": "subject"
      },
      "outcome": "depends",
      "own": {
        "outcome": "allow"
      },
      "path": "/orgs/{org}/chats/{id}/promote",
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
      "path": "/orgs/{org}/chats/{id}/stream",
      "resource": "chat"
    },
    {
      "action": "update",
      "method": "POST",
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
        "title": "Not granted in this organization",
        "whose": "subject"
      },
      "outcome": "depends",
      "own": {
        "outcome": "allow"
      },
      "path": "/orgs/{org}/chats/{id}/tool-results",
      "resource": "chat"
    }
  ],
  "subject": "planner-bot"
};

/** Tables of the metadata; times are milliseconds since 1970. */
export interface MetadataTables {
  readonly setting: { readonly name: string; readonly value: string }
  readonly rule: {
    /** ARM id in lower case. */
    readonly id: string
    readonly subscription: string
    readonly resource_group: string
    readonly name: string
    readonly immutable_id: string
    readonly etag: string
    /** The document as it was put, JSON. */
    readonly document: string
    readonly created_ms: number
    readonly updated_ms: number
  }
  /** Every version that was saved, those of deleted rules too. */
  readonly rule_version: {
    readonly immutable_id: string
    readonly version: number
    readonly etag: string
    /** The document as it was put, JSON. */
    readonly document: string
    readonly saved_ms: number
    /** Who saved it, as people know them; empty where the server did. */
    readonly saved_by: string
    readonly restored_from: number | null
  }
  /** Machines that a rule is for, beside those that it is associated with one by one. */
  readonly rule_target: {
    readonly rule_id: string
    /** `all`, `name`, `group`. */
    readonly kind: string
    /** A pattern of names, or a group's id; empty for `all`. */
    readonly value: string
  }
  /** Who was in a machine group when it was asked last, of groups that rules are for. */
  readonly group_member: { readonly group_id: string; readonly resource_key: string }
  readonly association: {
    /** ARM id in lower case. */
    readonly id: string
    /** The machine's ARM id in lower case. */
    readonly resource_id: string
    readonly name: string
    /** One of both is there. */
    readonly rule_id: string | null
    readonly endpoint_id: string | null
    readonly etag: string
    readonly description: string
  }
  readonly endpoint: {
    /** ARM id in lower case. */
    readonly id: string
    readonly subscription: string
    readonly resource_group: string
    readonly name: string
    readonly immutable_id: string
    readonly etag: string
    /** The document as it was put, JSON. */
    readonly document: string
    readonly created_ms: number
    readonly updated_ms: number
  }
  /** Workspaces beside the server's own, whose id is a setting. */
  readonly workspace: { readonly id: string; readonly name: string; readonly created_ms: number }
  /** Scopes and workspaces are JSON arrays. */
  readonly api_token: {
    readonly id: string
    readonly name: string
    /** SHA-256, hex. */
    readonly hash: string
    readonly scopes: string
    readonly workspaces: string
    readonly created_by: string
    readonly created_ms: number
    readonly expires_ms: number | null
    readonly last_used_ms: number | null
  }
  /** What an agent of the first version reported last, whole, of each type. */
  readonly collection: {
    readonly resource_key: string
    readonly type: string
    /** Of the batch that made it. */
    readonly batch_id: string
    readonly collected_at: string
    /** JSON, gzip, base64. */
    readonly items: string
    /** The next one, whose rows may not be stored yet: the same four values as JSON, or null. */
    readonly pending: string | null
  }
  readonly machine: {
    /** ARM id as it is shown. */
    readonly resource_id: string
    readonly resource_key: string
    readonly computer: string
    readonly source_computer_id: string
    /** SHA-256 of the token, hex. */
    readonly token_hash: string
    readonly registered_ms: number
  }
  /** `holder` says by which token it was opened, and with that what it may. */
  readonly session: { readonly hash: string; readonly expires_ms: number; readonly holder: string }
  readonly enrolment_token: {
    readonly id: string
    /** SHA-256, hex. */
    readonly hash: string
    readonly description: string
    readonly uses_max: number
    readonly uses: number
    readonly created_ms: number
    readonly expires_ms: number
  }
  readonly machine_key: {
    /** The machine's ARM id in lower case. */
    readonly resource_key: string
    readonly key_id: string
    /** JWK, JSON. */
    readonly public_key: string
    /** What the holder of the key said last, SHA-256, hex; a second holder does not know it. */
    readonly ticket_hash: string
    readonly enrolled_ms: number
    readonly rotated_ms: number
    readonly last_seen_ms: number
    readonly revoked_ms: number | null
    /** When a second holder of the key was seen last. */
    readonly clone_seen_ms: number | null
  }
  /** What one of several servers does at a time (cluster/lease.ts). */
  readonly lease: {
    readonly name: string
    /** Empty where nobody has it. */
    readonly holder: string
    /** Under which the others reach it. */
    readonly url: string
    /** Goes up with each renewal. */
    readonly beat: number
    readonly settled: number
  }
  /** Machines from which nothing is taken. */
  readonly machine_revocation: {
    readonly resource_key: string
    readonly revoked_ms: number
    /** `admin`, or the id of an API token. */
    readonly revoked_by: string
    readonly reason: string
  }
  /** What people did about machines; only added to. */
  readonly machine_action: {
    readonly id: string
    readonly resource_key: string
    readonly at_ms: number
    readonly who: string
    readonly what: string
    readonly reason: string
  }
  /** Machines that are to make another key for themselves. */
  readonly rotation_wish: { readonly resource_key: string; readonly wished_ms: number }
  /** Where machines were let to send, by rule. */
  readonly channel_grant: {
    readonly resource_key: string
    readonly immutable_id: string
    readonly workspace_id: string
    readonly granted_ms: number
  }
  readonly machine_group: {
    readonly id: string
    readonly name: string
    readonly description: string
    /** KQL. */
    readonly query: string
    readonly etag: string
    readonly created_ms: number
    readonly updated_ms: number
  }
  readonly content: {
    readonly workspace_id: string
    /** SHA-256, hex. */
    readonly hash: string
    /** Bytes before compression. */
    readonly size: number
    readonly shown_bytes_max: number | null
    readonly stored_ms: number
  }
}

/** Steps from an empty SQLite file to the present schema. Forward only: a step that was released is never changed. */
export const migrations: readonly string[] = [
  `CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE rule (id TEXT PRIMARY KEY, subscription TEXT NOT NULL, resource_group TEXT NOT NULL, name TEXT NOT NULL,
     immutable_id TEXT NOT NULL UNIQUE, etag TEXT NOT NULL, document TEXT NOT NULL,
     created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) STRICT;
   CREATE TABLE association (id TEXT PRIMARY KEY, resource_id TEXT NOT NULL, name TEXT NOT NULL,
     rule_id TEXT NOT NULL REFERENCES rule (id) ON DELETE CASCADE, etag TEXT NOT NULL, description TEXT NOT NULL) STRICT;
   CREATE INDEX association_of_resource ON association (resource_id);
   CREATE INDEX association_of_rule ON association (rule_id);
   CREATE TABLE machine (resource_key TEXT PRIMARY KEY, resource_id TEXT NOT NULL, computer TEXT NOT NULL,
     source_computer_id TEXT NOT NULL UNIQUE, token_hash TEXT NOT NULL UNIQUE, registered_ms INTEGER NOT NULL) STRICT;
   CREATE TABLE session (hash TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) STRICT;`,
  // There was one token, the admin's.
  `ALTER TABLE session ADD COLUMN holder TEXT NOT NULL DEFAULT 'admin';
   CREATE TABLE content (workspace_id TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL,
     shown_bytes_max INTEGER, stored_ms INTEGER NOT NULL, PRIMARY KEY (workspace_id, hash)) STRICT;`,
  `CREATE TABLE endpoint (id TEXT PRIMARY KEY, subscription TEXT NOT NULL, resource_group TEXT NOT NULL,
     name TEXT NOT NULL, immutable_id TEXT NOT NULL UNIQUE, etag TEXT NOT NULL, document TEXT NOT NULL,
     created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) STRICT;
   CREATE TABLE association_2 (id TEXT PRIMARY KEY, resource_id TEXT NOT NULL, name TEXT NOT NULL,
     rule_id TEXT REFERENCES rule (id) ON DELETE CASCADE, endpoint_id TEXT REFERENCES endpoint (id) ON DELETE CASCADE,
     etag TEXT NOT NULL, description TEXT NOT NULL, CHECK ((rule_id IS NULL) <> (endpoint_id IS NULL))) STRICT;
   INSERT INTO association_2 SELECT id, resource_id, name, rule_id, NULL, etag, description FROM association;
   DROP TABLE association;
   ALTER TABLE association_2 RENAME TO association;
   CREATE INDEX association_of_resource ON association (resource_id);
   CREATE INDEX association_of_rule ON association (rule_id);
   CREATE INDEX association_of_endpoint ON association (endpoint_id);
   CREATE TABLE workspace (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, created_ms INTEGER NOT NULL) STRICT;
   CREATE TABLE api_token (id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
     workspaces TEXT NOT NULL, created_by TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER,
     last_used_ms INTEGER) STRICT;
   CREATE TABLE collection (resource_key TEXT NOT NULL, type TEXT NOT NULL, batch_id TEXT NOT NULL,
     collected_at TEXT NOT NULL, items TEXT NOT NULL, pending TEXT, PRIMARY KEY (resource_key, type)) STRICT;`,
  `CREATE TABLE enrolment_token (id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
     uses_max INTEGER NOT NULL, uses INTEGER NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL) STRICT;
   CREATE TABLE machine_key (resource_key TEXT PRIMARY KEY, key_id TEXT NOT NULL UNIQUE, public_key TEXT NOT NULL,
     ticket_hash TEXT NOT NULL, enrolled_ms INTEGER NOT NULL, rotated_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
     revoked_ms INTEGER, clone_seen_ms INTEGER) STRICT;`,
  `CREATE INDEX machine_of_computer ON machine (lower(source_computer_id));
   CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, url TEXT NOT NULL, beat INTEGER NOT NULL,
     settled INTEGER NOT NULL) STRICT;`,
  `CREATE TABLE channel_grant (resource_key TEXT NOT NULL, immutable_id TEXT NOT NULL, workspace_id TEXT NOT NULL,
     granted_ms INTEGER NOT NULL, PRIMARY KEY (resource_key, immutable_id, workspace_id)) STRICT;`,
  `CREATE TABLE machine_revocation (resource_key TEXT PRIMARY KEY, revoked_ms INTEGER NOT NULL, revoked_by TEXT NOT NULL,
     reason TEXT NOT NULL) STRICT;
   INSERT INTO machine_revocation SELECT resource_key, revoked_ms, '', '' FROM machine_key WHERE revoked_ms IS NOT NULL;
   CREATE TABLE machine_action (id TEXT PRIMARY KEY, resource_key TEXT NOT NULL, at_ms INTEGER NOT NULL, who TEXT NOT NULL,
     what TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
   CREATE INDEX machine_action_at ON machine_action (at_ms);
   CREATE TABLE rotation_wish (resource_key TEXT PRIMARY KEY, wished_ms INTEGER NOT NULL) STRICT;`,
  `CREATE TABLE machine_group (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, description TEXT NOT NULL,
     query TEXT NOT NULL, etag TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) STRICT;`,
  // What was saved before versions were kept is the first one; nobody noted who saved it.
  `CREATE TABLE rule_version (immutable_id TEXT NOT NULL, version INTEGER NOT NULL, etag TEXT NOT NULL,
     document TEXT NOT NULL, saved_ms INTEGER NOT NULL, saved_by TEXT NOT NULL, restored_from INTEGER,
     PRIMARY KEY (immutable_id, version)) STRICT;
   INSERT INTO rule_version SELECT immutable_id, 1, etag, document, updated_ms, '', NULL FROM rule;
   CREATE TABLE rule_target (rule_id TEXT NOT NULL REFERENCES rule (id) ON DELETE CASCADE, kind TEXT NOT NULL,
     value TEXT NOT NULL, PRIMARY KEY (rule_id, kind, value)) STRICT;
   CREATE TABLE group_member (group_id TEXT NOT NULL, resource_key TEXT NOT NULL,
     PRIMARY KEY (group_id, resource_key)) STRICT;`,
]

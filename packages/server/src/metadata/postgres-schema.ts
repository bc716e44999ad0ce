/** In the order of bytes, as SQLite has it, whatever the locale of the database. */
const TEXT = 'text COLLATE "C"'
const TEXTS = `${TEXT} NOT NULL`
const MS = 'bigint NOT NULL'

/** Columns that rules and endpoints share. */
const NAMED = `id ${TEXT} PRIMARY KEY, subscription ${TEXTS}, resource_group ${TEXTS}, name ${TEXTS},
  immutable_id ${TEXTS} UNIQUE, etag ${TEXTS}, document ${TEXTS}, created_ms ${MS}, updated_ms ${MS}`

/**
 * Steps from an empty PostgreSQL database to the present schema (the first is what SQLite had after five). Forward only: a step
 * that was released is never changed.
 */
export const postgresMigrations: readonly string[] = [
  `CREATE TABLE tidemark_change (id uuid CONSTRAINT tidemark_change_id PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT now());
   CREATE TABLE setting (name ${TEXT} PRIMARY KEY, value ${TEXTS});
   CREATE TABLE rule (${NAMED});
   CREATE TABLE endpoint (${NAMED});
   CREATE TABLE association (id ${TEXT} PRIMARY KEY, resource_id ${TEXTS}, name ${TEXTS},
     rule_id ${TEXT} REFERENCES rule (id) ON DELETE CASCADE, endpoint_id ${TEXT} REFERENCES endpoint (id) ON DELETE CASCADE,
     etag ${TEXTS}, description ${TEXTS}, CHECK ((rule_id IS NULL) <> (endpoint_id IS NULL)));
   CREATE INDEX association_of_resource ON association (resource_id);
   CREATE INDEX association_of_rule ON association (rule_id);
   CREATE INDEX association_of_endpoint ON association (endpoint_id);
   CREATE TABLE machine (resource_key ${TEXT} PRIMARY KEY, resource_id ${TEXTS}, computer ${TEXTS},
     source_computer_id ${TEXTS} UNIQUE, token_hash ${TEXTS} UNIQUE, registered_ms ${MS});
   CREATE INDEX machine_of_computer ON machine (lower(source_computer_id));
   CREATE TABLE session (hash ${TEXT} PRIMARY KEY, expires_ms ${MS}, holder ${TEXTS} DEFAULT 'admin');
   CREATE TABLE content (workspace_id ${TEXTS}, hash ${TEXTS}, size ${MS}, shown_bytes_max bigint, stored_ms ${MS},
     PRIMARY KEY (workspace_id, hash));
   CREATE TABLE workspace (id ${TEXT} PRIMARY KEY, name ${TEXTS}, created_ms ${MS});
   CREATE UNIQUE INDEX workspace_name ON workspace (lower(name));
   CREATE TABLE api_token (id ${TEXT} PRIMARY KEY, name ${TEXTS}, hash ${TEXTS} UNIQUE, scopes ${TEXTS},
     workspaces ${TEXTS}, created_by ${TEXTS}, created_ms ${MS}, expires_ms bigint, last_used_ms bigint);
   CREATE TABLE collection (resource_key ${TEXTS}, type ${TEXTS}, batch_id ${TEXTS}, collected_at ${TEXTS},
     items ${TEXTS}, pending ${TEXT}, PRIMARY KEY (resource_key, type));
   CREATE TABLE enrolment_token (id ${TEXT} PRIMARY KEY, hash ${TEXTS} UNIQUE, description ${TEXTS}, uses_max ${MS},
     uses ${MS}, created_ms ${MS}, expires_ms ${MS});
   CREATE TABLE machine_key (resource_key ${TEXT} PRIMARY KEY, key_id ${TEXTS} UNIQUE, public_key ${TEXTS},
     ticket_hash ${TEXTS}, enrolled_ms ${MS}, rotated_ms ${MS}, last_seen_ms ${MS}, revoked_ms bigint,
     clone_seen_ms bigint);
   CREATE TABLE lease (name ${TEXT} PRIMARY KEY, holder ${TEXTS}, url ${TEXTS}, beat ${MS}, settled ${MS});`,
  `CREATE TABLE channel_grant (resource_key ${TEXTS}, immutable_id ${TEXTS}, workspace_id ${TEXTS}, granted_ms ${MS},
     PRIMARY KEY (resource_key, immutable_id, workspace_id));`,
  `CREATE TABLE machine_revocation (resource_key ${TEXT} PRIMARY KEY, revoked_ms ${MS}, revoked_by ${TEXTS}, reason ${TEXTS});
   INSERT INTO machine_revocation SELECT resource_key, revoked_ms, '', '' FROM machine_key WHERE revoked_ms IS NOT NULL;
   CREATE TABLE machine_action (id ${TEXT} PRIMARY KEY, resource_key ${TEXTS}, at_ms ${MS}, who ${TEXTS}, what ${TEXTS},
     reason ${TEXTS});
   CREATE INDEX machine_action_at ON machine_action (at_ms);
   CREATE TABLE rotation_wish (resource_key ${TEXT} PRIMARY KEY, wished_ms ${MS});`,
  `CREATE TABLE machine_group (id ${TEXT} PRIMARY KEY, name ${TEXTS}, description ${TEXTS}, query ${TEXTS}, etag ${TEXTS},
     created_ms ${MS}, updated_ms ${MS});
   CREATE UNIQUE INDEX machine_group_name ON machine_group (lower(name));`,
  // What was saved before versions were kept is the first one; nobody noted who saved it.
  `CREATE TABLE rule_version (immutable_id ${TEXTS}, version ${MS}, etag ${TEXTS}, document ${TEXTS}, saved_ms ${MS},
     saved_by ${TEXTS}, restored_from bigint, PRIMARY KEY (immutable_id, version));
   INSERT INTO rule_version SELECT immutable_id, 1, etag, document, updated_ms, '', NULL FROM rule;
   CREATE TABLE rule_target (rule_id ${TEXTS} REFERENCES rule (id) ON DELETE CASCADE, kind ${TEXTS}, value ${TEXTS},
     PRIMARY KEY (rule_id, kind, value));
   CREATE TABLE group_member (group_id ${TEXTS}, resource_key ${TEXTS}, PRIMARY KEY (group_id, resource_key));`,
]

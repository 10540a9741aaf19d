CREATE TABLE provider_event (
  provider TEXT NOT NULL,
  event_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_key TEXT NOT NULL,
  body BLOB NOT NULL,
  body_sha256 TEXT NOT NULL,
  due_at TEXT NOT NULL,
  tries INTEGER NOT NULL,
  handled_at TEXT,
  outcome TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_provider_event PRIMARY KEY (id),
  CONSTRAINT uq_provider_event_provider_event_key UNIQUE (provider, event_key)
)
 STRICT;

CREATE INDEX ix_provider_event_due ON provider_event (handled_at, due_at);

CREATE TABLE job (
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  due_at TEXT NOT NULL,
  tries INTEGER NOT NULL,
  done_at TEXT,
  last_error TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_job PRIMARY KEY (id),
  CONSTRAINT uq_job_kind_subject_id UNIQUE (kind, subject_id)
)
 STRICT;

CREATE INDEX ix_job_due ON job (done_at, due_at);

CREATE TABLE request_key (
  principal TEXT NOT NULL,
  "key" TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  location TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_request_key PRIMARY KEY (id),
  CONSTRAINT uq_request_key_principal_key UNIQUE (principal, "key")
)
 STRICT;

CREATE TABLE letter (
  kind TEXT NOT NULL,
  cause_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  html TEXT,
  unsubscribe_url TEXT,
  due_at TEXT NOT NULL,
  tries INTEGER NOT NULL,
  sent_at TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_letter PRIMARY KEY (id),
  CONSTRAINT uq_letter_kind_cause_id UNIQUE (kind, cause_id)
)
 STRICT;

CREATE INDEX ix_letter_due ON letter (sent_at, due_at);

CREATE TABLE refusal_burst (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  began_at TEXT NOT NULL,
  refusals INTEGER NOT NULL,
  reason TEXT NOT NULL,
  rule TEXT NOT NULL,
  rang_at TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_refusal_burst PRIMARY KEY (id),
  CONSTRAINT uq_refusal_burst_kind_subject UNIQUE (kind, subject),
  CONSTRAINT ck_refusal_burst_kind CHECK (kind IN ('address', 'account')),
  CONSTRAINT ck_refusal_burst_refusals CHECK (refusals >= 1)
)
 STRICT;

CREATE TABLE street_change (
  changes INTEGER NOT NULL,
  transaction_no INTEGER NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_street_change PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE trail_entry (
  cooperative_id TEXT NOT NULL,
  action TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  by_id TEXT,
  request_id TEXT NOT NULL,
  details TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_trail_entry PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX ix_trail_entry_cooperative ON trail_entry (cooperative_id, created_at);

CREATE TABLE cooperative (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  label TEXT NOT NULL,
  place TEXT NOT NULL,
  county TEXT NOT NULL,
  country TEXT NOT NULL,
  jurisdiction TEXT NOT NULL,
  currency TEXT NOT NULL,
  timezone TEXT NOT NULL,
  society_code TEXT,
  listed_at TEXT,
  closed_at TEXT,
  story TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cooperative PRIMARY KEY (id),
  CONSTRAINT ck_cooperative_named CHECK (slug <> '' AND name <> ''),
  CONSTRAINT ck_cooperative_currency CHECK (length(currency) = 3),
  CONSTRAINT ck_cooperative_operator_sells_nothing CHECK (kind <> 'operator' OR listed_at IS NULL),
  CONSTRAINT ck_cooperative_kind_known CHECK (kind IN ('cooperative', 'operator')),
  CONSTRAINT uq_cooperative_slug UNIQUE (slug),
  CONSTRAINT ck_cooperative_label_known CHECK (label IN ('marigold', 'tomato', 'leaf', 'sky', 'plum', 'clay', 'lagoon', 'maize')),
  CONSTRAINT uq_cooperative_society_code UNIQUE (society_code)
)
 STRICT;

CREATE UNIQUE INDEX uq_cooperative_one_operator ON cooperative (kind) WHERE kind = 'operator';

CREATE TABLE guessing (
  "key" TEXT NOT NULL,
  failures INTEGER NOT NULL,
  failed_at TEXT NOT NULL,
  waits_until TEXT NOT NULL,
  known_since TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_guessing PRIMARY KEY (id),
  CONSTRAINT ck_guessing_failures CHECK (failures >= 0),
  CONSTRAINT uq_guessing_key UNIQUE ("key")
)
 STRICT;

CREATE TABLE person (
  name TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  password_hash TEXT,
  totp_secret TEXT,
  totp_pending TEXT,
  totp_last_step INTEGER NOT NULL,
  disabled_at TEXT,
  language TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_person PRIMARY KEY (id),
  CONSTRAINT ck_person_named CHECK (name <> ''),
  CONSTRAINT ck_person_email_small CHECK (email IS NULL OR email = lower(email)),
  CONSTRAINT ck_person_totp_last_step CHECK (totp_last_step >= 0),
  CONSTRAINT ck_person_language CHECK (language IN ('', 'en', 'fr', 'es', 'sw', 'rw')),
  CONSTRAINT uq_person_email UNIQUE (email)
)
 STRICT;

CREATE TABLE company (
  name TEXT NOT NULL,
  registration_no TEXT,
  email TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_company PRIMARY KEY (id),
  CONSTRAINT ck_company_named CHECK (name <> ''),
  CONSTRAINT uq_company_registration_no UNIQUE (registration_no)
)
 STRICT;

CREATE TABLE vocabulary (
  word TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_vocabulary PRIMARY KEY (id),
  CONSTRAINT uq_vocabulary_word UNIQUE (word)
)
 STRICT;

CREATE TABLE vocabulary_part (
  part TEXT NOT NULL,
  word TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_vocabulary_part PRIMARY KEY (id),
  CONSTRAINT uq_vocabulary_part_part_word UNIQUE (part, word)
)
 STRICT;

CREATE TABLE market_quote (
  observed_on TEXT NOT NULL,
  province TEXT NOT NULL,
  market TEXT NOT NULL,
  latitude_udeg INTEGER,
  longitude_udeg INTEGER,
  category TEXT NOT NULL,
  commodity TEXT NOT NULL,
  unit_text TEXT NOT NULL,
  unit TEXT NOT NULL,
  content INTEGER NOT NULL,
  price_type TEXT NOT NULL,
  currency TEXT NOT NULL,
  price_minor INTEGER NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_market_quote PRIMARY KEY (id),
  CONSTRAINT uq_market_quote_observed_on_market_commodity_unit_text_price_type_currency UNIQUE (observed_on, market, commodity, unit_text, price_type, currency),
  CONSTRAINT ck_market_quote_content CHECK (content > 0),
  CONSTRAINT ck_market_quote_price CHECK (price_minor > 0),
  CONSTRAINT ck_market_quote_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT ck_market_quote_price_type_known CHECK (price_type IN ('retail', 'wholesale'))
)
 STRICT;

CREATE INDEX ix_market_quote_commodity ON market_quote (commodity, price_type, observed_on);

CREATE TABLE alarm (
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  words TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_alarm PRIMARY KEY (id),
  CONSTRAINT uq_alarm_kind_subject_id_detail UNIQUE (kind, subject_id, detail)
)
 STRICT;

CREATE TABLE book (
  group_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  decimals INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_book PRIMARY KEY (id),
  CONSTRAINT uq_book_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_book_cooperative_id_group_id_currency UNIQUE (cooperative_id, group_id, currency),
  CONSTRAINT ck_book_decimals CHECK (decimals BETWEEN 0 AND 3),
  CONSTRAINT ck_book_currency CHECK (length(currency) = 3),
  CONSTRAINT fk_book_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE bylaw (
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  effective_from TEXT NOT NULL,
  rules TEXT NOT NULL,
  source TEXT NOT NULL,
  approved_by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_bylaw PRIMARY KEY (id),
  CONSTRAINT uq_bylaw_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_bylaw_cooperative_id_kind_version UNIQUE (cooperative_id, kind, version),
  CONSTRAINT ck_bylaw_version CHECK (version >= 1),
  CONSTRAINT ck_bylaw_sourced CHECK (source <> ''),
  CONSTRAINT fk_bylaw_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bylaw_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE passkey_challenge (
  words BLOB NOT NULL,
  purpose TEXT NOT NULL,
  person_id TEXT,
  network TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_passkey_challenge PRIMARY KEY (id),
  CONSTRAINT ck_passkey_challenge_words CHECK (length(words) = 32),
  CONSTRAINT ck_passkey_challenge_whose CHECK ((purpose = 'sign-in') = (person_id IS NULL)),
  CONSTRAINT uq_passkey_challenge_words UNIQUE (words),
  CONSTRAINT ck_passkey_challenge_purpose_known CHECK (purpose IN ('add', 'sign-in', 'confirm')),
  CONSTRAINT fk_passkey_challenge_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_passkey_challenge_network ON passkey_challenge (network, expires_at);

CREATE TABLE company_person (
  company_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_company_person PRIMARY KEY (id),
  CONSTRAINT uq_company_person_person_id UNIQUE (person_id),
  CONSTRAINT fk_company_person_company_id_company FOREIGN KEY(company_id) REFERENCES company (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_company_person_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_company_person_company ON company_person (company_id);

CREATE TABLE trade_terms (
  company_id TEXT NOT NULL,
  net_days INTEGER NOT NULL,
  credit_limit_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  approved_by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_trade_terms PRIMARY KEY (id),
  CONSTRAINT uq_trade_terms_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_trade_terms_net_days CHECK (net_days BETWEEN 0 AND 120),
  CONSTRAINT ck_trade_terms_credit_limit CHECK (credit_limit_minor >= 0),
  CONSTRAINT ck_trade_terms_currency CHECK (length(currency) = 3),
  CONSTRAINT fk_trade_terms_company_id_company FOREIGN KEY(company_id) REFERENCES company (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_trade_terms_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_trade_terms_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_trade_terms_company ON trade_terms (company_id, cooperative_id, created_at);

CREATE TABLE sign_in (
  token_hash BLOB NOT NULL,
  person_id TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  stepped_up_at TEXT NOT NULL,
  ended_at TEXT,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_sign_in PRIMARY KEY (id),
  CONSTRAINT ck_sign_in_hash CHECK (length(token_hash) = 32),
  CONSTRAINT ck_sign_in_ends CHECK (expires_at > created_at),
  CONSTRAINT uq_sign_in_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_sign_in_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_sign_in_person ON sign_in (person_id);

CREATE TABLE erasure (
  person_id TEXT NOT NULL,
  due_at TEXT NOT NULL,
  withdrawn_at TEXT,
  shut_at TEXT,
  done_at TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_erasure PRIMARY KEY (id),
  CONSTRAINT ck_erasure_withdrawn_before_it_began CHECK (withdrawn_at IS NULL OR (shut_at IS NULL AND done_at IS NULL)),
  CONSTRAINT ck_erasure_shut_before_done CHECK (done_at IS NULL OR shut_at IS NOT NULL),
  CONSTRAINT fk_erasure_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_erasure_due ON erasure (done_at, due_at);

CREATE UNIQUE INDEX uq_erasure_live ON erasure (person_id) WHERE withdrawn_at IS NULL AND done_at IS NULL;

CREATE TABLE member_group (
  name TEXT NOT NULL,
  members_least INTEGER NOT NULL,
  members_most INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_member_group PRIMARY KEY (id),
  CONSTRAINT uq_member_group_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_member_group_cooperative_id_name UNIQUE (cooperative_id, name),
  CONSTRAINT ck_member_group_named CHECK (name <> ''),
  CONSTRAINT ck_member_group_size CHECK (members_least >= 1 AND members_most >= members_least),
  CONSTRAINT fk_member_group_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE role_grant (
  person_id TEXT NOT NULL,
  role TEXT NOT NULL,
  granted_by_id TEXT,
  withdrawn_at TEXT,
  withdrawn_by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_role_grant PRIMARY KEY (id),
  CONSTRAINT uq_role_grant_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_role_grant_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)),
  CONSTRAINT fk_role_grant_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_role_grant_role_known CHECK (role IN ('manager', 'treasurer', 'collector', 'operator')),
  CONSTRAINT fk_role_grant_granted_by_id_person FOREIGN KEY(granted_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_role_grant_withdrawn_by_id_person FOREIGN KEY(withdrawn_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_role_grant_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_role_grant_person ON role_grant (person_id);

CREATE UNIQUE INDEX uq_role_grant_live ON role_grant (cooperative_id, person_id, role) WHERE withdrawn_at IS NULL;

CREATE TABLE account_link (
  token_hash BLOB NOT NULL,
  purpose TEXT NOT NULL,
  email TEXT NOT NULL,
  person_id TEXT,
  expires_at TEXT NOT NULL,
  used_at TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_account_link PRIMARY KEY (id),
  CONSTRAINT ck_account_link_hash CHECK (length(token_hash) = 32),
  CONSTRAINT ck_account_link_whose CHECK ((purpose = 'account') = (person_id IS NULL)),
  CONSTRAINT ck_account_link_ends CHECK (expires_at > created_at),
  CONSTRAINT uq_account_link_token_hash UNIQUE (token_hash),
  CONSTRAINT ck_account_link_purpose_known CHECK (purpose IN ('sign-in', 'password', 'account', 'move', 'stay')),
  CONSTRAINT fk_account_link_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_account_link_email ON account_link (email, created_at);

CREATE INDEX ix_account_link_person ON account_link (person_id);

CREATE TABLE passkey (
  person_id TEXT NOT NULL,
  credential BLOB NOT NULL,
  public_key BLOB NOT NULL,
  uses INTEGER NOT NULL,
  name TEXT NOT NULL,
  last_used_at TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_passkey PRIMARY KEY (id),
  CONSTRAINT ck_passkey_named CHECK (name <> ''),
  CONSTRAINT ck_passkey_uses CHECK (uses >= 0),
  CONSTRAINT fk_passkey_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_passkey_credential UNIQUE (credential)
)
 STRICT;

CREATE INDEX ix_passkey_person ON passkey (person_id);

CREATE TABLE collection_point (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  county TEXT NOT NULL,
  latitude_udeg INTEGER,
  longitude_udeg INTEGER,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_collection_point PRIMARY KEY (id),
  CONSTRAINT uq_collection_point_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_collection_point_cooperative_id_code UNIQUE (cooperative_id, code),
  CONSTRAINT ck_collection_point_named CHECK (code <> '' AND name <> ''),
  CONSTRAINT ck_collection_point_latitude CHECK (latitude_udeg BETWEEN -90000000 AND 90000000),
  CONSTRAINT ck_collection_point_longitude CHECK (longitude_udeg BETWEEN -180000000 AND 180000000),
  CONSTRAINT fk_collection_point_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE product (
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  unit TEXT NOT NULL,
  grades TEXT NOT NULL,
  description TEXT NOT NULL,
  picture TEXT NOT NULL,
  storage TEXT NOT NULL,
  allergens TEXT NOT NULL,
  keeps_days INTEGER,
  tax_class TEXT NOT NULL,
  certificates TEXT NOT NULL,
  listed_at TEXT,
  version INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_product PRIMARY KEY (id),
  CONSTRAINT uq_product_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_product_cooperative_id_slug UNIQUE (cooperative_id, slug),
  CONSTRAINT ck_product_named CHECK (length(slug) > 0 AND length(name) > 0),
  CONSTRAINT ck_product_keeps CHECK (keeps_days IS NULL OR keeps_days > 0),
  CONSTRAINT ck_product_kind_known CHECK (kind IN ('cereals and tubers', 'vegetables and fruits', 'pulses and nuts', 'meat, fish and eggs', 'milk and dairy', 'oil and fats', 'coffee and tea', 'other food')),
  CONSTRAINT ck_product_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT ck_product_tax_class_known CHECK (tax_class IN ('exempt', 'zero', 'reduced', 'standard')),
  CONSTRAINT fk_product_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE numbering (
  series TEXT NOT NULL,
  last INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_numbering PRIMARY KEY (id),
  CONSTRAINT uq_numbering_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_numbering_cooperative_id_series UNIQUE (cooperative_id, series),
  CONSTRAINT ck_numbering_last CHECK (last >= 0),
  CONSTRAINT fk_numbering_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE price_list (
  level TEXT NOT NULL,
  holder_id TEXT NOT NULL,
  name TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_price_list PRIMARY KEY (id),
  CONSTRAINT uq_price_list_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_price_list_cooperative_id_level_holder_id_name UNIQUE (cooperative_id, level, holder_id, name),
  CONSTRAINT ck_price_list_public_has_no_holder CHECK ((level = 'public') = (holder_id = '00000000-0000-0000-0000-000000000000')),
  CONSTRAINT ck_price_list_window CHECK (valid_until IS NULL OR valid_until > valid_from),
  CONSTRAINT ck_price_list_named CHECK (length(name) > 0),
  CONSTRAINT ck_price_list_level_known CHECK (level IN ('contract', 'company', 'group', 'public')),
  CONSTRAINT fk_price_list_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_price_list_holder ON price_list (holder_id);

CREATE TABLE bank_account (
  holder TEXT NOT NULL,
  bank_code TEXT NOT NULL,
  account TEXT NOT NULL,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_bank_account PRIMARY KEY (id),
  CONSTRAINT uq_bank_account_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_bank_account_whole CHECK (holder <> '' AND bank_code <> '' AND account <> ''),
  CONSTRAINT fk_bank_account_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bank_account_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_bank_account_latest ON bank_account (cooperative_id, created_at);

CREATE TABLE obligation (
  payee TEXT NOT NULL,
  payee_id TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  ended_at TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_obligation PRIMARY KEY (id),
  CONSTRAINT uq_obligation_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_obligation_amount CHECK (amount_minor > 0),
  CONSTRAINT ck_obligation_payee_known CHECK (payee IN ('member', 'cooperative')),
  CONSTRAINT fk_obligation_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE UNIQUE INDEX uq_obligation_one_open ON obligation (cooperative_id, payee, payee_id) WHERE ended_at IS NULL;

CREATE TABLE payout_run (
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  payments INTEGER NOT NULL,
  total_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  payments_sha256 TEXT NOT NULL,
  made_by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_payout_run PRIMARY KEY (id),
  CONSTRAINT uq_payout_run_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_payout_run_cooperative_id_number UNIQUE (cooperative_id, number),
  CONSTRAINT ck_payout_run_pays_somebody CHECK (payments >= 1 AND total_minor > 0),
  CONSTRAINT ck_payout_run_kind_known CHECK (kind IN ('members', 'remittance')),
  CONSTRAINT fk_payout_run_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_payout_run_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE rail_event (
  rail TEXT NOT NULL,
  own_id TEXT NOT NULL,
  batch_id TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  told TEXT NOT NULL,
  by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_rail_event PRIMARY KEY (id),
  CONSTRAINT uq_rail_event_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_rail_event_cooperative_id_rail_own_id UNIQUE (cooperative_id, rail, own_id),
  CONSTRAINT ck_rail_event_rail_known CHECK (rail IN ('cash', 'bank')),
  CONSTRAINT fk_rail_event_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_rail_event_batch ON rail_event (cooperative_id, batch_id);

CREATE TABLE voucher (
  code TEXT NOT NULL,
  amount_minor INTEGER,
  bps INTEGER,
  currency TEXT NOT NULL,
  least_minor INTEGER NOT NULL,
  starts_at TEXT NOT NULL,
  ends_at TEXT,
  uses_most INTEGER,
  uses_most_each INTEGER,
  product_ids TEXT NOT NULL,
  used INTEGER NOT NULL,
  stopped_at TEXT,
  by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_voucher PRIMARY KEY (id),
  CONSTRAINT uq_voucher_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_voucher_cooperative_id_code UNIQUE (cooperative_id, code),
  CONSTRAINT ck_voucher_code CHECK (length(code) >= 3),
  CONSTRAINT ck_voucher_one_worth CHECK ((amount_minor IS NULL) <> (bps IS NULL)),
  CONSTRAINT ck_voucher_amount CHECK (amount_minor BETWEEN 1 AND 1000000000000000),
  CONSTRAINT ck_voucher_bps CHECK (bps BETWEEN 1 AND 10000),
  CONSTRAINT ck_voucher_least CHECK (least_minor >= 0),
  CONSTRAINT ck_voucher_limits CHECK (uses_most >= 1 AND uses_most_each >= 1),
  CONSTRAINT ck_voucher_used CHECK (used >= 0),
  CONSTRAINT ck_voucher_never_more_uses CHECK (uses_most IS NULL OR used <= uses_most),
  CONSTRAINT ck_voucher_window CHECK (ends_at IS NULL OR ends_at > starts_at),
  CONSTRAINT fk_voucher_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_voucher_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE cart (
  token_hash TEXT,
  person_id TEXT,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cart PRIMARY KEY (id),
  CONSTRAINT uq_cart_token_hash UNIQUE (token_hash),
  CONSTRAINT uq_cart_person_id UNIQUE (person_id),
  CONSTRAINT ck_cart_one_holder CHECK ((token_hash IS NULL) <> (person_id IS NULL)),
  CONSTRAINT fk_cart_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE order_cycle (
  name TEXT NOT NULL,
  opens_at TEXT,
  closes_at TEXT,
  sells TEXT NOT NULL,
  processed_at TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_order_cycle PRIMARY KEY (id),
  CONSTRAINT uq_order_cycle_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_order_cycle_named CHECK (name <> ''),
  CONSTRAINT ck_order_cycle_closes_after_opening CHECK (closes_at > opens_at),
  CONSTRAINT ck_order_cycle_sells_known CHECK (sells IN ('everybody', 'retail', 'wholesale')),
  CONSTRAINT fk_order_cycle_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_order_cycle_cooperative ON order_cycle (cooperative_id);

CREATE TABLE fee (
  thread_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  basis TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  bps INTEGER NOT NULL,
  more_minor INTEGER,
  items_most INTEGER,
  threshold_minor INTEGER,
  per_milligrams INTEGER NOT NULL,
  tax_class TEXT NOT NULL,
  tax_included INTEGER NOT NULL,
  payable_to TEXT NOT NULL,
  payee TEXT NOT NULL,
  currency TEXT NOT NULL,
  starts_at TEXT NOT NULL,
  ended_at TEXT,
  by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_fee PRIMARY KEY (id),
  CONSTRAINT uq_fee_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_fee_thread_id_version UNIQUE (thread_id, version),
  CONSTRAINT ck_fee_version CHECK (version >= 1),
  CONSTRAINT ck_fee_named CHECK (length(name) >= 1),
  CONSTRAINT ck_fee_amount CHECK (amount_minor BETWEEN -1000000000000000 AND 1000000000000000),
  CONSTRAINT ck_fee_only_we_give CHECK (amount_minor >= 0 OR payable_to = 'cooperative'),
  CONSTRAINT ck_fee_bps CHECK (bps BETWEEN 0 AND 10000),
  CONSTRAINT ck_fee_percent_has_bps CHECK ((basis IN ('percent', 'item_percent')) = (bps > 0)),
  CONSTRAINT ck_fee_steps CHECK ((basis IN ('tiered', 'sack')) = (more_minor IS NOT NULL)),
  CONSTRAINT ck_fee_threshold CHECK ((basis = 'sack') = (threshold_minor IS NOT NULL)),
  CONSTRAINT ck_fee_positive CHECK (more_minor >= 0 AND items_most >= 1 AND threshold_minor >= 1),
  CONSTRAINT ck_fee_weight CHECK (per_milligrams >= 1),
  CONSTRAINT ck_fee_payee CHECK ((payable_to = 'transporter') = (payee <> '')),
  CONSTRAINT ck_fee_window CHECK (ended_at IS NULL OR ended_at >= starts_at),
  CONSTRAINT ck_fee_kind_known CHECK (kind IN ('packing', 'transport', 'service', 'payment')),
  CONSTRAINT ck_fee_basis_known CHECK (basis IN ('order', 'line', 'item', 'weight', 'percent', 'item_percent', 'tiered', 'sack')),
  CONSTRAINT ck_fee_tax_class_known CHECK (tax_class IN ('goods', 'exempt', 'zero', 'reduced', 'standard')),
  CONSTRAINT ck_fee_payable_to_known CHECK (payable_to IN ('cooperative', 'transporter')),
  CONSTRAINT fk_fee_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_fee_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE delivery_zone (
  name TEXT NOT NULL,
  places TEXT NOT NULL,
  fee_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_delivery_zone PRIMARY KEY (id),
  CONSTRAINT uq_delivery_zone_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_delivery_zone_cooperative_id_name UNIQUE (cooperative_id, name),
  CONSTRAINT ck_delivery_zone_named CHECK (name <> ''),
  CONSTRAINT fk_delivery_zone_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE provider_payout (
  reference TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  received_on TEXT NOT NULL,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_provider_payout PRIMARY KEY (id),
  CONSTRAINT uq_provider_payout_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_provider_payout_cooperative_id_reference UNIQUE (cooperative_id, reference),
  CONSTRAINT ck_provider_payout_amount CHECK (amount_minor BETWEEN 1 AND 1000000000000000),
  CONSTRAINT ck_provider_payout_reference CHECK (length(reference) >= 1),
  CONSTRAINT fk_provider_payout_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_provider_payout_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE account (
  book_id TEXT NOT NULL,
  code TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  guarded INTEGER NOT NULL,
  balance_minor INTEGER NOT NULL,
  pending_minor INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_account PRIMARY KEY (id),
  CONSTRAINT uq_account_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_account_book_id_code_owner_id_subject_id UNIQUE (book_id, code, owner_id, subject_id),
  CONSTRAINT fk_account_cooperative_id_book_id_book FOREIGN KEY(cooperative_id, book_id) REFERENCES book (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_account_pending CHECK (pending_minor >= 0),
  CONSTRAINT ck_account_guarded_never_below_zero CHECK (NOT guarded OR balance_minor - pending_minor >= 0),
  CONSTRAINT ck_account_only_guarded_cache CHECK (guarded OR (balance_minor = 0 AND pending_minor = 0)),
  CONSTRAINT fk_account_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_account_owner ON account (cooperative_id, code, owner_id);

CREATE TABLE cause (
  book_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  legs INTEGER NOT NULL,
  reverses_id TEXT,
  reason TEXT NOT NULL,
  by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cause PRIMARY KEY (id),
  CONSTRAINT uq_cause_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_cause_book_id_kind_subject_id UNIQUE (book_id, kind, subject_id),
  CONSTRAINT fk_cause_cooperative_id_book_id_book FOREIGN KEY(cooperative_id, book_id) REFERENCES book (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cause_cooperative_id_reverses_id_cause FOREIGN KEY(cooperative_id, reverses_id) REFERENCES cause (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_cause_reverses_id UNIQUE (reverses_id),
  CONSTRAINT ck_cause_legs CHECK (legs >= 1),
  CONSTRAINT fk_cause_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_cause_subject ON cause (subject_id);

CREATE TABLE member (
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  phone TEXT,
  person_id TEXT,
  group_id TEXT,
  joined_on TEXT NOT NULL,
  left_on TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_member PRIMARY KEY (id),
  CONSTRAINT uq_member_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_member_cooperative_id_number UNIQUE (cooperative_id, number),
  CONSTRAINT uq_member_cooperative_id_person_id UNIQUE (cooperative_id, person_id),
  CONSTRAINT fk_member_cooperative_id_group_id_member_group FOREIGN KEY(cooperative_id, group_id) REFERENCES member_group (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_member_number CHECK (number >= 1),
  CONSTRAINT ck_member_named CHECK (name <> ''),
  CONSTRAINT ck_member_left CHECK (left_on IS NULL OR left_on >= joined_on),
  CONSTRAINT fk_member_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_member_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE product_photo (
  product_id TEXT NOT NULL,
  "key" TEXT NOT NULL,
  alt TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_product_photo PRIMARY KEY (id),
  CONSTRAINT uq_product_photo_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_product_photo_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_product_photo_product_id UNIQUE (product_id),
  CONSTRAINT ck_product_photo_shown CHECK (length(key) = 64 AND length(alt) > 0),
  CONSTRAINT fk_product_photo_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE product_words (
  product_id TEXT NOT NULL,
  language TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  storage TEXT NOT NULL,
  allergens TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_product_words PRIMARY KEY (id),
  CONSTRAINT uq_product_words_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_product_words_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_product_words_product_id_language UNIQUE (product_id, language),
  CONSTRAINT ck_product_words_language CHECK (language IN ('en', 'fr', 'es', 'sw', 'rw')),
  CONSTRAINT ck_product_words_says_something CHECK (name <> '' OR description <> '' OR storage <> '' OR allergens <> ''),
  CONSTRAINT fk_product_words_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE heap (
  product_id TEXT NOT NULL,
  point_id TEXT NOT NULL,
  grade TEXT NOT NULL,
  unit TEXT NOT NULL,
  on_hand INTEGER NOT NULL,
  held INTEGER NOT NULL,
  oversell_limit INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_heap PRIMARY KEY (id),
  CONSTRAINT uq_heap_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_heap_product_id_grade_point_id UNIQUE (product_id, grade, point_id),
  CONSTRAINT fk_heap_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_heap_cooperative_id_point_id_collection_point FOREIGN KEY(cooperative_id, point_id) REFERENCES collection_point (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_heap_on_hand CHECK (on_hand >= 0),
  CONSTRAINT ck_heap_held CHECK (held >= 0),
  CONSTRAINT ck_heap_oversell_limit CHECK (oversell_limit >= 0),
  CONSTRAINT ck_heap_promises_within_stock CHECK (held <= on_hand + oversell_limit),
  CONSTRAINT ck_heap_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT fk_heap_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE pool (
  product_id TEXT NOT NULL,
  season TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  revenue_basis TEXT NOT NULL,
  currency TEXT NOT NULL,
  advance_minor INTEGER NOT NULL,
  closed_at TEXT,
  closed_by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_pool PRIMARY KEY (id),
  CONSTRAINT uq_pool_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_pool_product_id_season UNIQUE (product_id, season),
  CONSTRAINT fk_pool_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_pool_advance CHECK (advance_minor >= 0 AND advance_minor <= 1000000000000000),
  CONSTRAINT ck_pool_closed_after_opened CHECK (closed_at IS NULL OR closed_at >= opened_at),
  CONSTRAINT ck_pool_season CHECK (length(season) > 0),
  CONSTRAINT ck_pool_revenue_basis_known CHECK (revenue_basis IN ('agent', 'principal')),
  CONSTRAINT fk_pool_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE UNIQUE INDEX uq_pool_open ON pool (product_id) WHERE closed_at IS NULL;

CREATE TABLE listing (
  product_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  unit TEXT NOT NULL,
  currency TEXT NOT NULL,
  per_minor INTEGER NOT NULL,
  band TEXT NOT NULL,
  county TEXT NOT NULL,
  certificates TEXT NOT NULL,
  is_sold_out INTEGER NOT NULL,
  listed_at TEXT NOT NULL,
  weighed_on TEXT NOT NULL,
  expires_on TEXT NOT NULL,
  name_words TEXT NOT NULL,
  other_words TEXT NOT NULL,
  marks TEXT NOT NULL,
  written_at TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_listing PRIMARY KEY (id),
  CONSTRAINT uq_listing_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_listing_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_listing_product_id UNIQUE (product_id),
  CONSTRAINT uq_listing_number UNIQUE (number),
  CONSTRAINT ck_listing_per_minor CHECK (per_minor >= 0),
  CONSTRAINT ck_listing_kind_known CHECK (kind IN ('cereals and tubers', 'vegetables and fruits', 'pulses and nuts', 'meat, fish and eggs', 'milk and dairy', 'oil and fats', 'coffee and tea', 'other food')),
  CONSTRAINT ck_listing_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT fk_listing_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_listing_best ON listing (is_sold_out, sort_name, number);

CREATE INDEX ix_listing_cooperative ON listing (cooperative_id);

CREATE INDEX ix_listing_freshest ON listing (weighed_on, number);

CREATE INDEX ix_listing_newest ON listing (listed_at, number);

CREATE INDEX ix_listing_price ON listing (currency, unit, per_minor, number);

CREATE INDEX ix_listing_soonest ON listing (expires_on, number);

CREATE TABLE payout_approval (
  run_id TEXT NOT NULL,
  payments_sha256 TEXT NOT NULL,
  maker_id TEXT NOT NULL,
  approver_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_payout_approval PRIMARY KEY (id),
  CONSTRAINT uq_payout_approval_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_payout_approval_run_id UNIQUE (run_id),
  CONSTRAINT fk_payout_approval_cooperative_id_run_id_payout_run FOREIGN KEY(cooperative_id, run_id) REFERENCES payout_run (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_payout_approval_second_person CHECK (approver_id <> maker_id),
  CONSTRAINT fk_payout_approval_maker_id_person FOREIGN KEY(maker_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_payout_approval_approver_id_person FOREIGN KEY(approver_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_payout_approval_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE payout_batch (
  run_id TEXT NOT NULL,
  rail TEXT NOT NULL,
  message_id TEXT NOT NULL,
  payments INTEGER NOT NULL,
  control_sum_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  file BLOB,
  file_sha256 TEXT,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_payout_batch PRIMARY KEY (id),
  CONSTRAINT uq_payout_batch_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_payout_batch_run_id_rail UNIQUE (run_id, rail),
  CONSTRAINT uq_payout_batch_cooperative_id_message_id UNIQUE (cooperative_id, message_id),
  CONSTRAINT fk_payout_batch_cooperative_id_run_id_payout_run FOREIGN KEY(cooperative_id, run_id) REFERENCES payout_run (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_payout_batch_pays_somebody CHECK (payments >= 1 AND control_sum_minor > 0),
  CONSTRAINT ck_payout_batch_bank_has_a_file CHECK ((rail = 'bank') = (file IS NOT NULL AND file_sha256 IS NOT NULL)),
  CONSTRAINT ck_payout_batch_rail_known CHECK (rail IN ('cash', 'bank')),
  CONSTRAINT fk_payout_batch_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_payout_batch_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_payout_batch ON payout_batch (cooperative_id, created_at);

CREATE TABLE checkout (
  token_hash TEXT NOT NULL,
  request_key TEXT NOT NULL,
  cart_id TEXT,
  person_id TEXT,
  company_id TEXT,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  address TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_minor INTEGER NOT NULL,
  how TEXT NOT NULL,
  expires_at TEXT,
  language TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_checkout PRIMARY KEY (id),
  CONSTRAINT uq_checkout_token_hash UNIQUE (token_hash),
  CONSTRAINT uq_checkout_request_key UNIQUE (request_key),
  CONSTRAINT ck_checkout_total CHECK (total_minor BETWEEN 0 AND 1000000000000000),
  CONSTRAINT ck_checkout_invoice_has_company CHECK ((how = 'invoice') = (company_id IS NOT NULL)),
  CONSTRAINT ck_checkout_card_expires CHECK ((how = 'card') = (expires_at IS NOT NULL)),
  CONSTRAINT ck_checkout_language CHECK (language IN ('en', 'fr', 'es', 'sw', 'rw')),
  CONSTRAINT fk_checkout_cart_id_cart FOREIGN KEY(cart_id) REFERENCES cart (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_checkout_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_checkout_company_id_company FOREIGN KEY(company_id) REFERENCES company (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_checkout_how_known CHECK (how IN ('card', 'collection', 'invoice'))
)
 STRICT;

CREATE INDEX ix_checkout_cart ON checkout (cart_id);

CREATE INDEX ix_checkout_guest ON checkout (lower(email)) WHERE person_id IS NULL;

CREATE INDEX ix_checkout_person ON checkout (person_id);

CREATE TABLE cart_voucher (
  cart_id TEXT NOT NULL,
  voucher_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cart_voucher PRIMARY KEY (id),
  CONSTRAINT uq_cart_voucher_cart_id_cooperative_id UNIQUE (cart_id, cooperative_id),
  CONSTRAINT fk_cart_voucher_cooperative_id_voucher_id_voucher FOREIGN KEY(cooperative_id, voucher_id) REFERENCES voucher (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_voucher_cart_id_cart FOREIGN KEY(cart_id) REFERENCES cart (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_voucher_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE cycle_goods (
  cycle_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cycle_goods PRIMARY KEY (id),
  CONSTRAINT uq_cycle_goods_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_cycle_goods_cycle_id_product_id UNIQUE (cycle_id, product_id),
  CONSTRAINT fk_cycle_goods_cooperative_id_cycle_id_order_cycle FOREIGN KEY(cooperative_id, cycle_id) REFERENCES order_cycle (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cycle_goods_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cycle_goods_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE window_rule (
  point_id TEXT,
  zone_id TEXT,
  place TEXT NOT NULL,
  weekday INTEGER NOT NULL,
  from_minute INTEGER NOT NULL,
  to_minute INTEGER NOT NULL,
  cut_off_days INTEGER NOT NULL,
  cut_off_minute INTEGER NOT NULL,
  capacity INTEGER NOT NULL,
  ended_at TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_window_rule PRIMARY KEY (id),
  CONSTRAINT uq_window_rule_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_window_rule_cooperative_id_point_id_collection_point FOREIGN KEY(cooperative_id, point_id) REFERENCES collection_point (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_window_rule_cooperative_id_zone_id_delivery_zone FOREIGN KEY(cooperative_id, zone_id) REFERENCES delivery_zone (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_window_rule_one_place CHECK ((point_id IS NULL) <> (zone_id IS NULL)),
  CONSTRAINT ck_window_rule_weekday CHECK (weekday BETWEEN 0 AND 6),
  CONSTRAINT ck_window_rule_span CHECK (from_minute >= 0 AND to_minute > from_minute AND to_minute <= 1440),
  CONSTRAINT ck_window_rule_cut_off CHECK (cut_off_days BETWEEN 0 AND 14 AND cut_off_minute BETWEEN 0 AND 1440),
  CONSTRAINT ck_window_rule_cut_off_before_start CHECK (cut_off_days > 0 OR cut_off_minute <= from_minute),
  CONSTRAINT ck_window_rule_capacity CHECK (capacity BETWEEN 1 AND 10000),
  CONSTRAINT fk_window_rule_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE transfer (
  cause_id TEXT NOT NULL,
  leg INTEGER NOT NULL,
  debit_id TEXT NOT NULL,
  credit_id TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  phase TEXT NOT NULL,
  resolves_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_transfer PRIMARY KEY (id),
  CONSTRAINT uq_transfer_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_transfer_cause_id_leg UNIQUE (cause_id, leg),
  CONSTRAINT uq_transfer_resolves_id UNIQUE (resolves_id),
  CONSTRAINT fk_transfer_cooperative_id_cause_id_cause FOREIGN KEY(cooperative_id, cause_id) REFERENCES cause (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_transfer_cooperative_id_debit_id_account FOREIGN KEY(cooperative_id, debit_id) REFERENCES account (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_transfer_cooperative_id_credit_id_account FOREIGN KEY(cooperative_id, credit_id) REFERENCES account (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_transfer_cooperative_id_resolves_id_transfer FOREIGN KEY(cooperative_id, resolves_id) REFERENCES transfer (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_transfer_amount CHECK (amount_minor > 0 AND amount_minor <= 1000000000000000),
  CONSTRAINT ck_transfer_moves CHECK (debit_id <> credit_id),
  CONSTRAINT ck_transfer_resolves CHECK ((phase IN ('post', 'void')) = (resolves_id IS NOT NULL)),
  CONSTRAINT ck_transfer_phase_known CHECK (phase IN ('single', 'pending', 'post', 'void')),
  CONSTRAINT fk_transfer_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_transfer_credit ON transfer (credit_id);

CREATE INDEX ix_transfer_debit ON transfer (debit_id);

CREATE TABLE destination (
  member_id TEXT NOT NULL,
  rail TEXT NOT NULL,
  holder TEXT NOT NULL,
  bank_code TEXT,
  account TEXT,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_destination PRIMARY KEY (id),
  CONSTRAINT uq_destination_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_destination_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_destination_holder CHECK (holder <> ''),
  CONSTRAINT ck_destination_bank_has_an_account CHECK ((rail = 'bank') = (account IS NOT NULL AND bank_code IS NOT NULL)),
  CONSTRAINT ck_destination_rail_known CHECK (rail IN ('cash', 'bank')),
  CONSTRAINT fk_destination_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_destination_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_destination_member ON destination (cooperative_id, member_id, created_at);

CREATE TABLE invitation (
  token_hash BLOB NOT NULL,
  email TEXT NOT NULL,
  role TEXT,
  member_id TEXT,
  sent_by_id TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  accepted_at TEXT,
  accepted_by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_invitation PRIMARY KEY (id),
  CONSTRAINT uq_invitation_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_invitation_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_invitation_hash CHECK (length(token_hash) = 32),
  CONSTRAINT ck_invitation_offers_one_thing CHECK ((role IS NULL) <> (member_id IS NULL)),
  CONSTRAINT ck_invitation_accepted_by CHECK ((accepted_at IS NULL) = (accepted_by_id IS NULL)),
  CONSTRAINT uq_invitation_token_hash UNIQUE (token_hash),
  CONSTRAINT ck_invitation_role_known CHECK (role IN ('manager', 'treasurer', 'collector', 'operator')),
  CONSTRAINT fk_invitation_sent_by_id_person FOREIGN KEY(sent_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_invitation_accepted_by_id_person FOREIGN KEY(accepted_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_invitation_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_invitation_cooperative ON invitation (cooperative_id, created_at);

CREATE TABLE share_subscription (
  member_id TEXT NOT NULL,
  shares INTEGER NOT NULL,
  par_minor INTEGER NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  paid_from TEXT NOT NULL,
  applied_by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_share_subscription PRIMARY KEY (id),
  CONSTRAINT uq_share_subscription_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_share_subscription_cooperative_id_id_applied_by_id UNIQUE (cooperative_id, id, applied_by_id),
  CONSTRAINT fk_share_subscription_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_share_subscription_shares CHECK (shares > 0 AND par_minor > 0),
  CONSTRAINT ck_share_subscription_amount CHECK (amount_minor = shares * par_minor),
  CONSTRAINT ck_share_subscription_paid_from_known CHECK (paid_from IN ('bank', 'proceeds')),
  CONSTRAINT fk_share_subscription_applied_by_id_person FOREIGN KEY(applied_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_share_subscription_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE hold (
  heap_id TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  consumed INTEGER NOT NULL,
  cause_id TEXT NOT NULL,
  expires_at TEXT,
  ended_at TEXT,
  ended_how TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_hold PRIMARY KEY (id),
  CONSTRAINT uq_hold_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_hold_cooperative_id_heap_id_heap FOREIGN KEY(cooperative_id, heap_id) REFERENCES heap (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_hold_consumed CHECK (quantity > 0 AND consumed >= 0 AND consumed <= quantity),
  CONSTRAINT ck_hold_ended_together CHECK ((ended_at IS NULL) = (ended_how IS NULL)),
  CONSTRAINT ck_hold_consumed_whole CHECK (ended_how <> 'consumed' OR consumed = quantity),
  CONSTRAINT ck_hold_ended_how_known CHECK (ended_how IN ('released', 'consumed')),
  CONSTRAINT fk_hold_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_hold_cause ON hold (cause_id);

CREATE INDEX ix_hold_expiry ON hold (expires_at) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX uq_hold_live ON hold (heap_id, cause_id) WHERE ended_at IS NULL;

CREATE TABLE lot (
  number INTEGER NOT NULL,
  pool_id TEXT NOT NULL,
  heap_id TEXT NOT NULL,
  good_from TEXT NOT NULL,
  expires_on TEXT,
  quantity_left INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_lot PRIMARY KEY (id),
  CONSTRAINT uq_lot_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_lot_cooperative_id_number UNIQUE (cooperative_id, number),
  CONSTRAINT uq_lot_pool_id_heap_id_good_from UNIQUE (pool_id, heap_id, good_from),
  CONSTRAINT fk_lot_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_lot_cooperative_id_heap_id_heap FOREIGN KEY(cooperative_id, heap_id) REFERENCES heap (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_lot_quantity_left CHECK (quantity_left >= 0),
  CONSTRAINT ck_lot_expires_on CHECK (expires_on IS NULL OR expires_on >= good_from),
  CONSTRAINT fk_lot_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_lot_heap ON lot (heap_id);

CREATE TABLE pack (
  heap_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  name TEXT NOT NULL,
  sku TEXT NOT NULL,
  content INTEGER NOT NULL,
  is_listed INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_pack PRIMARY KEY (id),
  CONSTRAINT uq_pack_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_pack_cooperative_id_sku UNIQUE (cooperative_id, sku),
  CONSTRAINT fk_pack_cooperative_id_heap_id_heap FOREIGN KEY(cooperative_id, heap_id) REFERENCES heap (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_pack_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_pack_content CHECK (content > 0 AND content <= 1000000000000),
  CONSTRAINT ck_pack_named CHECK (length(name) > 0),
  CONSTRAINT fk_pack_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_pack_heap ON pack (heap_id);

CREATE INDEX ix_pack_product ON pack (product_id);

CREATE TABLE pool_split (
  pool_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  season TEXT NOT NULL,
  closed_at TEXT NOT NULL,
  currency TEXT NOT NULL,
  whole_minor INTEGER NOT NULL,
  growers_minor INTEGER NOT NULL,
  cooperative_minor INTEGER NOT NULL,
  transport_minor INTEGER NOT NULL,
  fees_minor INTEGER NOT NULL,
  waiting_minor INTEGER NOT NULL,
  lost_minor INTEGER NOT NULL,
  growers INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_pool_split PRIMARY KEY (id),
  CONSTRAINT uq_pool_split_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_pool_split_pool_id UNIQUE (pool_id),
  CONSTRAINT fk_pool_split_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_pool_split_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_pool_split_all_told CHECK (growers_minor + cooperative_minor + transport_minor + fees_minor + waiting_minor = whole_minor + lost_minor),
  CONSTRAINT ck_pool_split_signs CHECK (growers_minor >= 0 AND cooperative_minor >= 0 AND transport_minor >= 0 AND fees_minor >= 0 AND waiting_minor >= 0 AND lost_minor >= 0 AND growers >= 0),
  CONSTRAINT fk_pool_split_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_pool_split_product ON pool_split (product_id, closed_at);

CREATE TABLE settlement (
  pool_id TEXT NOT NULL,
  bylaw_id TEXT NOT NULL,
  recorded TEXT NOT NULL,
  version INTEGER NOT NULL,
  prepared_by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_settlement PRIMARY KEY (id),
  CONSTRAINT uq_settlement_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_pool_id UNIQUE (pool_id),
  CONSTRAINT fk_settlement_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_cooperative_id_bylaw_id_bylaw FOREIGN KEY(cooperative_id, bylaw_id) REFERENCES bylaw (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_prepared_by_id_person FOREIGN KEY(prepared_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE card_payment (
  checkout_id TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  session_ref TEXT,
  payment_ref TEXT,
  url TEXT,
  tries INTEGER NOT NULL,
  sent_at TEXT,
  paid_at TEXT,
  fee_minor INTEGER,
  trouble TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_card_payment PRIMARY KEY (id),
  CONSTRAINT uq_card_payment_checkout_id UNIQUE (checkout_id),
  CONSTRAINT uq_card_payment_session_ref UNIQUE (session_ref),
  CONSTRAINT uq_card_payment_payment_ref UNIQUE (payment_ref),
  CONSTRAINT ck_card_payment_amount CHECK (amount_minor > 0),
  CONSTRAINT ck_card_payment_tries CHECK (tries >= 0),
  CONSTRAINT ck_card_payment_paid_at CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
  CONSTRAINT ck_card_payment_paid_has_reference CHECK (state <> 'paid' OR payment_ref IS NOT NULL),
  CONSTRAINT ck_card_payment_open_has_session CHECK (state <> 'open' OR session_ref IS NOT NULL),
  CONSTRAINT ck_card_payment_fee CHECK (fee_minor BETWEEN 0 AND amount_minor),
  CONSTRAINT fk_card_payment_checkout_id_checkout FOREIGN KEY(checkout_id) REFERENCES checkout (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_card_payment_state_known CHECK (state IN ('ready', 'sending', 'open', 'unknown', 'paid', 'failed', 'expired'))
)
 STRICT;

CREATE INDEX ix_card_payment_state ON card_payment (state);

CREATE TABLE collection_window (
  point_id TEXT,
  zone_id TEXT,
  rule_id TEXT,
  day TEXT NOT NULL,
  place TEXT NOT NULL,
  starts_at TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  cut_off_at TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  booked INTEGER NOT NULL,
  closed_at TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_collection_window PRIMARY KEY (id),
  CONSTRAINT uq_collection_window_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_collection_window_cooperative_id_point_id_collection_point FOREIGN KEY(cooperative_id, point_id) REFERENCES collection_point (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_collection_window_cooperative_id_zone_id_delivery_zone FOREIGN KEY(cooperative_id, zone_id) REFERENCES delivery_zone (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_collection_window_cooperative_id_rule_id_window_rule FOREIGN KEY(cooperative_id, rule_id) REFERENCES window_rule (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_collection_window_rule_id_day UNIQUE (rule_id, day),
  CONSTRAINT ck_collection_window_one_place CHECK ((point_id IS NULL) <> (zone_id IS NULL)),
  CONSTRAINT ck_collection_window_capacity CHECK (capacity BETWEEN 1 AND 10000),
  CONSTRAINT ck_collection_window_booked CHECK (booked BETWEEN 0 AND capacity),
  CONSTRAINT ck_collection_window_ends_after_start CHECK (ends_at > starts_at),
  CONSTRAINT ck_collection_window_cut_off_before_start CHECK (cut_off_at <= starts_at),
  CONSTRAINT fk_collection_window_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_collection_window_start ON collection_window (cooperative_id, starts_at);

CREATE TABLE share_approval (
  subscription_id TEXT NOT NULL,
  applied_by_id TEXT NOT NULL,
  approved_by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_share_approval PRIMARY KEY (id),
  CONSTRAINT uq_share_approval_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_share_approval_subscription_id UNIQUE (subscription_id),
  CONSTRAINT fk_share_approval_cooperative_id_subscription_id_applied_by_id_share_subscription FOREIGN KEY(cooperative_id, subscription_id, applied_by_id) REFERENCES share_subscription (cooperative_id, id, applied_by_id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_share_approval_second_person CHECK (approved_by_id <> applied_by_id),
  CONSTRAINT fk_share_approval_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_share_approval_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE delivery (
  receipt_no INTEGER NOT NULL,
  member_id TEXT NOT NULL,
  point_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  grade TEXT NOT NULL,
  gross INTEGER NOT NULL,
  tare INTEGER NOT NULL,
  net INTEGER NOT NULL,
  pool_id TEXT NOT NULL,
  lot_id TEXT NOT NULL,
  collector_id TEXT NOT NULL,
  delivered_at TEXT NOT NULL,
  device_at TEXT,
  advance_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_delivery PRIMARY KEY (id),
  CONSTRAINT uq_delivery_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_delivery_cooperative_id_receipt_no UNIQUE (cooperative_id, receipt_no),
  CONSTRAINT fk_delivery_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_delivery_cooperative_id_point_id_collection_point FOREIGN KEY(cooperative_id, point_id) REFERENCES collection_point (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_delivery_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_delivery_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_delivery_cooperative_id_lot_id_lot FOREIGN KEY(cooperative_id, lot_id) REFERENCES lot (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_delivery_gross CHECK (gross > 0 AND gross <= 1000000000000),
  CONSTRAINT ck_delivery_tare CHECK (tare >= 0),
  CONSTRAINT ck_delivery_net CHECK (net > 0 AND net = gross - tare),
  CONSTRAINT ck_delivery_receipt_no CHECK (receipt_no >= 1),
  CONSTRAINT ck_delivery_advance CHECK (advance_minor >= 0),
  CONSTRAINT fk_delivery_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_delivery_day ON delivery (cooperative_id, delivered_at);

CREATE INDEX ix_delivery_member ON delivery (member_id);

CREATE INDEX ix_delivery_pool_member ON delivery (pool_id, member_id);

CREATE TABLE ladder (
  price_list_id TEXT NOT NULL,
  pack_id TEXT NOT NULL,
  mode TEXT NOT NULL,
  counted_on TEXT NOT NULL,
  mix_group TEXT NOT NULL,
  quantity_min INTEGER NOT NULL,
  quantity_max INTEGER,
  increment INTEGER NOT NULL,
  per_content INTEGER NOT NULL,
  version INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_ladder PRIMARY KEY (id),
  CONSTRAINT uq_ladder_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_ladder_price_list_id_pack_id UNIQUE (price_list_id, pack_id),
  CONSTRAINT fk_ladder_cooperative_id_price_list_id_price_list FOREIGN KEY(cooperative_id, price_list_id) REFERENCES price_list (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_ladder_cooperative_id_pack_id_pack FOREIGN KEY(cooperative_id, pack_id) REFERENCES pack (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_ladder_rules CHECK (quantity_min >= 1 AND increment >= 1 AND per_content >= 1),
  CONSTRAINT ck_ladder_quantity_max CHECK (quantity_max IS NULL OR quantity_max >= quantity_min),
  CONSTRAINT ck_ladder_bands_belong_to_one_pack CHECK (mode <> 'graduated' OR counted_on = 'pack'),
  CONSTRAINT ck_ladder_mix_group CHECK ((counted_on = 'mix') = (mix_group <> '')),
  CONSTRAINT ck_ladder_mode_known CHECK (mode IN ('all_units', 'graduated')),
  CONSTRAINT ck_ladder_counted_on_known CHECK (counted_on IN ('pack', 'product', 'mix')),
  CONSTRAINT fk_ladder_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_ladder_pack ON ladder (pack_id);

CREATE TABLE instruction (
  obligation_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  position INTEGER NOT NULL,
  reference TEXT NOT NULL,
  rail TEXT NOT NULL,
  holder TEXT NOT NULL,
  bank_code TEXT,
  account TEXT,
  payee_number INTEGER NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  batch_id TEXT,
  transfer_id TEXT,
  sent_at TEXT,
  moved_at TEXT,
  reason TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_instruction PRIMARY KEY (id),
  CONSTRAINT uq_instruction_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_instruction_cooperative_id_reference UNIQUE (cooperative_id, reference),
  CONSTRAINT uq_instruction_obligation_id_attempt UNIQUE (obligation_id, attempt),
  CONSTRAINT fk_instruction_cooperative_id_obligation_id_obligation FOREIGN KEY(cooperative_id, obligation_id) REFERENCES obligation (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_instruction_cooperative_id_run_id_payout_run FOREIGN KEY(cooperative_id, run_id) REFERENCES payout_run (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_instruction_cooperative_id_batch_id_payout_batch FOREIGN KEY(cooperative_id, batch_id) REFERENCES payout_batch (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_instruction_cooperative_id_transfer_id_transfer FOREIGN KEY(cooperative_id, transfer_id) REFERENCES transfer (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_instruction_amount CHECK (amount_minor > 0 AND attempt >= 1 AND position >= 1),
  CONSTRAINT ck_instruction_bank_has_an_account CHECK ((rail = 'bank') = (account IS NOT NULL AND bank_code IS NOT NULL)),
  CONSTRAINT ck_instruction_sent_is_reserved CHECK ((state IN ('ready', 'cancelled')) = (transfer_id IS NULL)),
  CONSTRAINT ck_instruction_sent_in_a_batch CHECK ((transfer_id IS NULL) = (batch_id IS NULL)),
  CONSTRAINT ck_instruction_rail_known CHECK (rail IN ('cash', 'bank')),
  CONSTRAINT ck_instruction_state_known CHECK (state IN ('ready', 'sending', 'unknown', 'accepted', 'settled', 'failed', 'returned', 'cancelled')),
  CONSTRAINT fk_instruction_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_instruction_batch ON instruction (cooperative_id, batch_id);

CREATE INDEX ix_instruction_run ON instruction (cooperative_id, run_id, position);

CREATE UNIQUE INDEX uq_instruction_one_live ON instruction (obligation_id) WHERE state NOT IN ('failed', 'returned', 'cancelled');

CREATE TABLE claim (
  settlement_id TEXT NOT NULL,
  pool_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  member_number INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  claim_minor INTEGER NOT NULL,
  due_minor INTEGER NOT NULL,
  carried_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_claim PRIMARY KEY (id),
  CONSTRAINT uq_claim_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_claim_settlement_id_member_id UNIQUE (settlement_id, member_id),
  CONSTRAINT fk_claim_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_claim_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_claim_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_claim_due CHECK (claim_minor >= 0 AND due_minor >= 0 AND due_minor <= claim_minor),
  CONSTRAINT ck_claim_carried CHECK (carried_minor >= 0 AND (carried_minor = 0 OR due_minor = 0)),
  CONSTRAINT fk_claim_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_claim_member ON claim (cooperative_id, member_id);

CREATE TABLE settlement_approval (
  settlement_id TEXT NOT NULL,
  inputs_sha256 TEXT NOT NULL,
  preparer_id TEXT NOT NULL,
  approver_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_settlement_approval PRIMARY KEY (id),
  CONSTRAINT uq_settlement_approval_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_approval_settlement_id_inputs_sha256_preparer_id UNIQUE (settlement_id, inputs_sha256, preparer_id),
  CONSTRAINT fk_settlement_approval_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_settlement_approval_second_person CHECK (approver_id <> preparer_id),
  CONSTRAINT fk_settlement_approval_preparer_id_person FOREIGN KEY(preparer_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_approval_approver_id_person FOREIGN KEY(approver_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_approval_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE settlement_line (
  settlement_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  step INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  name TEXT NOT NULL,
  words TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  left_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_settlement_line PRIMARY KEY (id),
  CONSTRAINT uq_settlement_line_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_line_settlement_id_position UNIQUE (settlement_id, position),
  CONSTRAINT fk_settlement_line_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_settlement_line_step CHECK (step BETWEEN 1 AND 8),
  CONSTRAINT fk_settlement_line_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_settlement_line ON settlement_line (cooperative_id, settlement_id);

CREATE TABLE customer_order (
  number INTEGER NOT NULL,
  checkout_id TEXT NOT NULL,
  point_id TEXT NOT NULL,
  window_id TEXT,
  channel TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_minor INTEGER NOT NULL,
  tax_mode TEXT NOT NULL,
  tax_minor INTEGER NOT NULL,
  taxes TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_customer_order PRIMARY KEY (id),
  CONSTRAINT uq_customer_order_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_customer_order_cooperative_id_number UNIQUE (cooperative_id, number),
  CONSTRAINT uq_customer_order_checkout_id_cooperative_id UNIQUE (checkout_id, cooperative_id),
  CONSTRAINT fk_customer_order_cooperative_id_point_id_collection_point FOREIGN KEY(cooperative_id, point_id) REFERENCES collection_point (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_customer_order_cooperative_id_window_id_collection_window FOREIGN KEY(cooperative_id, window_id) REFERENCES collection_window (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_customer_order_number CHECK (number >= 1),
  CONSTRAINT ck_customer_order_total CHECK (total_minor >= 0),
  CONSTRAINT ck_customer_order_tax CHECK (tax_minor >= 0),
  CONSTRAINT fk_customer_order_checkout_id_checkout FOREIGN KEY(checkout_id) REFERENCES checkout (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_customer_order_channel_known CHECK (channel IN ('retail', 'wholesale')),
  CONSTRAINT ck_customer_order_tax_mode_known CHECK (tax_mode IN ('line', 'sum_by_net', 'sum_by_net_keep_gross')),
  CONSTRAINT fk_customer_order_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_customer_order_window ON customer_order (window_id);

CREATE TABLE cart_window (
  cart_id TEXT NOT NULL,
  window_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cart_window PRIMARY KEY (id),
  CONSTRAINT uq_cart_window_cart_id_cooperative_id UNIQUE (cart_id, cooperative_id),
  CONSTRAINT fk_cart_window_cooperative_id_window_id_collection_window FOREIGN KEY(cooperative_id, window_id) REFERENCES collection_window (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_window_cart_id_cart FOREIGN KEY(cart_id) REFERENCES cart (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_window_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE cart_line (
  cart_id TEXT NOT NULL,
  pack_id TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  seen_minor INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cart_line PRIMARY KEY (id),
  CONSTRAINT uq_cart_line_cart_id_pack_id UNIQUE (cart_id, pack_id),
  CONSTRAINT fk_cart_line_cooperative_id_pack_id_pack FOREIGN KEY(cooperative_id, pack_id) REFERENCES pack (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_cart_line_quantity CHECK (quantity BETWEEN 1 AND 10000),
  CONSTRAINT ck_cart_line_seen CHECK (seen_minor >= 0),
  CONSTRAINT fk_cart_line_cart_id_cart FOREIGN KEY(cart_id) REFERENCES cart (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_line_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE lot_move (
  lot_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  delivery_id TEXT,
  cause_id TEXT,
  channel TEXT,
  net_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_lot_move PRIMARY KEY (id),
  CONSTRAINT uq_lot_move_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_lot_move_delivery_id UNIQUE (delivery_id),
  CONSTRAINT fk_lot_move_cooperative_id_lot_id_lot FOREIGN KEY(cooperative_id, lot_id) REFERENCES lot (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_lot_move_cooperative_id_delivery_id_delivery FOREIGN KEY(cooperative_id, delivery_id) REFERENCES delivery (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_lot_move_shape CHECK ((kind = 'receive' AND quantity > 0 AND delivery_id IS NOT NULL) OR (kind = 'sell' AND quantity < 0 AND net_minor >= 0) OR (kind = 'refund' AND quantity = 0 AND net_minor < 0) OR (kind = 'spoil' AND quantity < 0) OR (kind = 'count' AND quantity <> 0)),
  CONSTRAINT ck_lot_move_sale_explained CHECK ((kind IN ('sell', 'refund')) = (channel IS NOT NULL AND cause_id IS NOT NULL)),
  CONSTRAINT ck_lot_move_money_of_sales_only CHECK (kind IN ('sell', 'refund') OR net_minor = 0),
  CONSTRAINT ck_lot_move_reason CHECK (kind NOT IN ('spoil', 'count') OR reason <> ''),
  CONSTRAINT ck_lot_move_kind_known CHECK (kind IN ('receive', 'sell', 'refund', 'spoil', 'count')),
  CONSTRAINT ck_lot_move_channel_known CHECK (channel IN ('retail', 'wholesale')),
  CONSTRAINT fk_lot_move_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_lot_move_cause ON lot_move (cause_id);

CREATE INDEX ix_lot_move_lot ON lot_move (lot_id);

CREATE UNIQUE INDEX uq_lot_move_sell ON lot_move (lot_id, cause_id) WHERE kind = 'sell';

CREATE TABLE rung (
  ladder_id TEXT NOT NULL,
  quantity_min INTEGER NOT NULL,
  unit_price_minor INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_rung PRIMARY KEY (id),
  CONSTRAINT uq_rung_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_rung_ladder_id_quantity_min UNIQUE (ladder_id, quantity_min),
  CONSTRAINT fk_rung_cooperative_id_ladder_id_ladder FOREIGN KEY(cooperative_id, ladder_id) REFERENCES ladder (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_rung_quantity_min CHECK (quantity_min >= 1),
  CONSTRAINT ck_rung_unit_price CHECK (unit_price_minor >= 0 AND unit_price_minor <= 1000000000000000),
  CONSTRAINT fk_rung_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE claim_line (
  claim_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  step INTEGER NOT NULL,
  name TEXT NOT NULL,
  words TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  left_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_claim_line PRIMARY KEY (id),
  CONSTRAINT uq_claim_line_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_claim_line_claim_id_position UNIQUE (claim_id, position),
  CONSTRAINT fk_claim_line_cooperative_id_claim_id_claim FOREIGN KEY(cooperative_id, claim_id) REFERENCES claim (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_claim_line_step CHECK (step BETWEEN 8 AND 19),
  CONSTRAINT fk_claim_line_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE settlement_close (
  settlement_id TEXT NOT NULL,
  pool_id TEXT NOT NULL,
  approval_id TEXT NOT NULL,
  inputs_sha256 TEXT NOT NULL,
  sold_minor INTEGER NOT NULL,
  refunded_minor INTEGER NOT NULL,
  loss_minor INTEGER NOT NULL,
  given_minor INTEGER NOT NULL,
  claims_minor INTEGER NOT NULL,
  members INTEGER NOT NULL,
  currency TEXT NOT NULL,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_settlement_close PRIMARY KEY (id),
  CONSTRAINT uq_settlement_close_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_close_settlement_id UNIQUE (settlement_id),
  CONSTRAINT uq_settlement_close_pool_id UNIQUE (pool_id),
  CONSTRAINT fk_settlement_close_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_close_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_close_cooperative_id_approval_id_settlement_approval FOREIGN KEY(cooperative_id, approval_id) REFERENCES settlement_approval (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_settlement_close_all_given_away CHECK (sold_minor - refunded_minor + loss_minor = given_minor + claims_minor),
  CONSTRAINT ck_settlement_close_signs CHECK (sold_minor >= 0 AND refunded_minor >= 0 AND loss_minor >= 0 AND claims_minor >= 0),
  CONSTRAINT fk_settlement_close_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_close_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE checkout_part (
  checkout_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  total_minor INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_checkout_part PRIMARY KEY (id),
  CONSTRAINT uq_checkout_part_checkout_id_cooperative_id UNIQUE (checkout_id, cooperative_id),
  CONSTRAINT uq_checkout_part_order_id UNIQUE (order_id),
  CONSTRAINT fk_checkout_part_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_checkout_part_total CHECK (total_minor >= 0),
  CONSTRAINT fk_checkout_part_checkout_id_checkout FOREIGN KEY(checkout_id) REFERENCES checkout (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_checkout_part_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE order_fee (
  order_id TEXT NOT NULL,
  fee_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  rule TEXT NOT NULL,
  payable_to TEXT NOT NULL,
  payee TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  added_minor INTEGER NOT NULL,
  tax_minor INTEGER NOT NULL,
  discount_minor INTEGER NOT NULL,
  discount_tax_minor INTEGER NOT NULL,
  refunded_minor INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_order_fee PRIMARY KEY (id),
  CONSTRAINT uq_order_fee_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_order_fee_order_id_fee_id UNIQUE (order_id, fee_id),
  CONSTRAINT fk_order_fee_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_fee_cooperative_id_fee_id_fee FOREIGN KEY(cooperative_id, fee_id) REFERENCES fee (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_order_fee_amount CHECK (amount_minor >= 1),
  CONSTRAINT ck_order_fee_refunded CHECK (refunded_minor BETWEEN 0 AND amount_minor + added_minor - discount_minor),
  CONSTRAINT ck_order_fee_tax CHECK (tax_minor BETWEEN 0 AND amount_minor + added_minor),
  CONSTRAINT ck_order_fee_discount_tax CHECK (discount_tax_minor BETWEEN 0 AND tax_minor),
  CONSTRAINT ck_order_fee_discount CHECK (discount_tax_minor <= discount_minor AND discount_minor <= amount_minor + added_minor),
  CONSTRAINT ck_order_fee_kind_known CHECK (kind IN ('packing', 'transport', 'service', 'payment')),
  CONSTRAINT ck_order_fee_payable_to_known CHECK (payable_to IN ('cooperative', 'transporter')),
  CONSTRAINT fk_order_fee_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE order_gift (
  order_id TEXT NOT NULL,
  voucher_id TEXT,
  fee_id TEXT,
  words TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  returned_at TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_order_gift PRIMARY KEY (id),
  CONSTRAINT uq_order_gift_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_order_gift_order_id_voucher_id UNIQUE (order_id, voucher_id),
  CONSTRAINT fk_order_gift_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_gift_cooperative_id_voucher_id_voucher FOREIGN KEY(cooperative_id, voucher_id) REFERENCES voucher (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_gift_cooperative_id_fee_id_fee FOREIGN KEY(cooperative_id, fee_id) REFERENCES fee (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_order_gift_amount CHECK (amount_minor >= 1),
  CONSTRAINT ck_order_gift_one_reason CHECK ((voucher_id IS NULL) <> (fee_id IS NULL)),
  CONSTRAINT fk_order_gift_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_order_gift_voucher ON order_gift (cooperative_id, voucher_id);

CREATE TABLE order_line (
  order_id TEXT NOT NULL,
  pack_id TEXT NOT NULL,
  heap_id TEXT NOT NULL,
  name TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  content INTEGER NOT NULL,
  unit TEXT NOT NULL,
  unit_price_minor INTEGER NOT NULL,
  line_minor INTEGER NOT NULL,
  because TEXT NOT NULL,
  currency TEXT NOT NULL,
  added_minor INTEGER NOT NULL,
  tax_minor INTEGER NOT NULL,
  discount_minor INTEGER NOT NULL,
  discount_tax_minor INTEGER NOT NULL,
  refunded_minor INTEGER NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_order_line PRIMARY KEY (id),
  CONSTRAINT uq_order_line_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_order_line_order_id_pack_id UNIQUE (order_id, pack_id),
  CONSTRAINT fk_order_line_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_line_cooperative_id_pack_id_pack FOREIGN KEY(cooperative_id, pack_id) REFERENCES pack (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_line_cooperative_id_heap_id_heap FOREIGN KEY(cooperative_id, heap_id) REFERENCES heap (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_order_line_quantity CHECK (quantity >= 1),
  CONSTRAINT ck_order_line_content CHECK (content >= 1),
  CONSTRAINT ck_order_line_line CHECK (line_minor >= 1),
  CONSTRAINT ck_order_line_refunded CHECK (refunded_minor BETWEEN 0 AND line_minor + added_minor - discount_minor),
  CONSTRAINT ck_order_line_tax CHECK (tax_minor BETWEEN 0 AND line_minor + added_minor),
  CONSTRAINT ck_order_line_discount_tax CHECK (discount_tax_minor BETWEEN 0 AND tax_minor),
  CONSTRAINT ck_order_line_discount CHECK (discount_tax_minor <= discount_minor AND discount_minor <= line_minor + added_minor),
  CONSTRAINT ck_order_line_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT fk_order_line_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE picking (
  order_id TEXT NOT NULL,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_picking PRIMARY KEY (id),
  CONSTRAINT uq_picking_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_picking_order_id UNIQUE (order_id),
  CONSTRAINT fk_picking_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_picking_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_picking_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE collection (
  order_id TEXT NOT NULL,
  cash_minor INTEGER,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_collection PRIMARY KEY (id),
  CONSTRAINT uq_collection_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_collection_order_id UNIQUE (order_id),
  CONSTRAINT fk_collection_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_collection_cash CHECK (cash_minor >= 0),
  CONSTRAINT fk_collection_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_collection_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE cancellation (
  order_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_id TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_cancellation PRIMARY KEY (id),
  CONSTRAINT uq_cancellation_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_cancellation_order_id UNIQUE (order_id),
  CONSTRAINT fk_cancellation_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cancellation_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cancellation_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_cancellation_cooperative ON cancellation (cooperative_id);

CREATE TABLE invoice (
  number INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  company_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_minor INTEGER NOT NULL,
  issued_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_invoice PRIMARY KEY (id),
  CONSTRAINT uq_invoice_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_invoice_cooperative_id_number UNIQUE (cooperative_id, number),
  CONSTRAINT uq_invoice_order_id UNIQUE (order_id),
  CONSTRAINT fk_invoice_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_invoice_number CHECK (number >= 1),
  CONSTRAINT ck_invoice_total CHECK (total_minor >= 0),
  CONSTRAINT ck_invoice_due CHECK (due_on >= issued_on),
  CONSTRAINT fk_invoice_company_id_company FOREIGN KEY(company_id) REFERENCES company (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_invoice_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_invoice_company ON invoice (cooperative_id, company_id);

CREATE TABLE paper (
  kind TEXT NOT NULL,
  number INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  cause_id TEXT NOT NULL,
  language TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  pdf BLOB NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_paper PRIMARY KEY (id),
  CONSTRAINT uq_paper_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_paper_cooperative_id_kind_number UNIQUE (cooperative_id, kind, number),
  CONSTRAINT uq_paper_kind_cause_id UNIQUE (kind, cause_id),
  CONSTRAINT fk_paper_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_paper_number CHECK (number >= 1),
  CONSTRAINT ck_paper_sha256 CHECK (length(sha256) = 64),
  CONSTRAINT ck_paper_pdf CHECK (length(pdf) > 0),
  CONSTRAINT ck_paper_kind_known CHECK (kind IN ('receipt', 'invoice', 'credit_note')),
  CONSTRAINT fk_paper_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_paper_order ON paper (cooperative_id, order_id);

CREATE TABLE order_change (
  order_id TEXT NOT NULL,
  new_order_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_order_change PRIMARY KEY (id),
  CONSTRAINT uq_order_change_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_order_change_order_id UNIQUE (order_id),
  CONSTRAINT uq_order_change_new_order_id UNIQUE (new_order_id),
  CONSTRAINT fk_order_change_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_change_cooperative_id_new_order_id_customer_order FOREIGN KEY(cooperative_id, new_order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_order_change_another CHECK (order_id <> new_order_id),
  CONSTRAINT fk_order_change_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE refund (
  order_id TEXT NOT NULL,
  line_id TEXT,
  fee_id TEXT,
  request_key TEXT NOT NULL,
  way TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  tax_minor INTEGER NOT NULL,
  gift_minor INTEGER NOT NULL,
  goodwill INTEGER NOT NULL,
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_id TEXT,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  provider_ref TEXT,
  sent_at TEXT,
  paid_at TEXT,
  trouble TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_refund PRIMARY KEY (id),
  CONSTRAINT uq_refund_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_refund_provider_ref UNIQUE (provider_ref),
  CONSTRAINT uq_refund_cooperative_id_request_key UNIQUE (cooperative_id, request_key),
  CONSTRAINT fk_refund_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_refund_cooperative_id_line_id_order_line FOREIGN KEY(cooperative_id, line_id) REFERENCES order_line (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_refund_cooperative_id_fee_id_order_fee FOREIGN KEY(cooperative_id, fee_id) REFERENCES order_fee (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_refund_one_item CHECK ((line_id IS NULL) <> (fee_id IS NULL)),
  CONSTRAINT ck_refund_amount CHECK (amount_minor > 0),
  CONSTRAINT ck_refund_parts CHECK (tax_minor BETWEEN 0 AND amount_minor AND gift_minor >= 0),
  CONSTRAINT ck_refund_attempt CHECK (attempt >= 1),
  CONSTRAINT ck_refund_reason CHECK (length(reason) >= 1),
  CONSTRAINT ck_refund_paid_at CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
  CONSTRAINT ck_refund_card_has_reference CHECK (state <> 'paid' OR way <> 'card' OR provider_ref IS NOT NULL),
  CONSTRAINT ck_refund_way_known CHECK (way IN ('card', 'cash', 'credit_note')),
  CONSTRAINT fk_refund_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_refund_state_known CHECK (state IN ('ready', 'sending', 'unknown', 'paid', 'failed')),
  CONSTRAINT fk_refund_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_refund_order ON refund (cooperative_id, order_id);

CREATE INDEX ix_refund_state ON refund (state);

CREATE TABLE complaint (
  order_id TEXT NOT NULL,
  line_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  words TEXT NOT NULL,
  by_id TEXT,
  answered_at TEXT,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_complaint PRIMARY KEY (id),
  CONSTRAINT uq_complaint_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_complaint_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_complaint_cooperative_id_line_id_order_line FOREIGN KEY(cooperative_id, line_id) REFERENCES order_line (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_complaint_quantity CHECK (quantity >= 1),
  CONSTRAINT ck_complaint_words CHECK (length(words) >= 1),
  CONSTRAINT ck_complaint_kind_known CHECK (kind IN ('spoiled', 'short', 'wrong', 'missing')),
  CONSTRAINT fk_complaint_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_complaint_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE INDEX ix_complaint_order ON complaint (cooperative_id, order_id);

CREATE UNIQUE INDEX uq_complaint_open ON complaint (line_id) WHERE answered_at IS NULL;

CREATE TABLE bank_receipt (
  invoice_id TEXT NOT NULL,
  reference TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  received_on TEXT NOT NULL,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_bank_receipt PRIMARY KEY (id),
  CONSTRAINT uq_bank_receipt_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_bank_receipt_cooperative_id_reference UNIQUE (cooperative_id, reference),
  CONSTRAINT fk_bank_receipt_cooperative_id_invoice_id_invoice FOREIGN KEY(cooperative_id, invoice_id) REFERENCES invoice (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_bank_receipt_amount CHECK (amount_minor BETWEEN 1 AND 1000000000000000),
  CONSTRAINT ck_bank_receipt_reference CHECK (length(reference) >= 1),
  CONSTRAINT fk_bank_receipt_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bank_receipt_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE complaint_answer (
  complaint_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  words TEXT NOT NULL,
  quantity INTEGER,
  amount_minor INTEGER,
  currency TEXT NOT NULL,
  refund_id TEXT,
  by_id TEXT NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_complaint_answer PRIMARY KEY (id),
  CONSTRAINT uq_complaint_answer_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_complaint_answer_complaint_id UNIQUE (complaint_id),
  CONSTRAINT uq_complaint_answer_refund_id UNIQUE (refund_id),
  CONSTRAINT fk_complaint_answer_cooperative_id_complaint_id_complaint FOREIGN KEY(cooperative_id, complaint_id) REFERENCES complaint (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_complaint_answer_cooperative_id_refund_id_refund FOREIGN KEY(cooperative_id, refund_id) REFERENCES refund (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_complaint_answer_refused_costs_nothing CHECK ((outcome = 'refused') = (refund_id IS NULL)),
  CONSTRAINT ck_complaint_answer_amount_of_refund CHECK ((refund_id IS NULL) = (amount_minor IS NULL)),
  CONSTRAINT ck_complaint_answer_packs_of_refund CHECK ((outcome = 'refunded') = (quantity IS NOT NULL)),
  CONSTRAINT ck_complaint_answer_above_nought CHECK (quantity >= 1 AND amount_minor >= 1),
  CONSTRAINT ck_complaint_answer_words CHECK (length(words) >= 1),
  CONSTRAINT ck_complaint_answer_outcome_known CHECK (outcome IN ('refunded', 'goodwill', 'refused')),
  CONSTRAINT fk_complaint_answer_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_complaint_answer_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TABLE complaint_photo (
  complaint_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  webp BLOB NOT NULL,
  cooperative_id TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT pk_complaint_photo PRIMARY KEY (id),
  CONSTRAINT uq_complaint_photo_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_complaint_photo_complaint_id UNIQUE (complaint_id),
  CONSTRAINT fk_complaint_photo_cooperative_id_complaint_id_complaint FOREIGN KEY(cooperative_id, complaint_id) REFERENCES complaint (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_complaint_photo_sha256 CHECK (length(sha256) = 64),
  CONSTRAINT ck_complaint_photo_webp CHECK (length(webp) BETWEEN 1 AND 400000),
  CONSTRAINT fk_complaint_photo_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
)
 STRICT;

CREATE TRIGGER account_frozen BEFORE UPDATE OF cooperative_id, book_id, code, owner_id, subject_id, guarded ON account WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.book_id IS NOT NEW.book_id OR OLD.code IS NOT NEW.code OR OLD.owner_id IS NOT NEW.owner_id OR OLD.subject_id IS NOT NEW.subject_id OR OLD.guarded IS NOT NEW.guarded BEGIN SELECT RAISE(ABORT, 'account keeps what it froze'); END;

CREATE TRIGGER account_link_frozen BEFORE UPDATE OF token_hash, purpose, expires_at ON account_link WHEN OLD.token_hash IS NOT NEW.token_hash OR OLD.purpose IS NOT NEW.purpose OR OLD.expires_at IS NOT NEW.expires_at BEGIN SELECT RAISE(ABORT, 'account_link keeps what it froze'); END;

CREATE TRIGGER alarm_no_update BEFORE UPDATE ON alarm BEGIN SELECT RAISE(ABORT, 'alarm is append-only'); END;

CREATE TRIGGER alarm_no_delete BEFORE DELETE ON alarm BEGIN SELECT RAISE(ABORT, 'alarm is append-only'); END;

CREATE TRIGGER bank_account_no_update BEFORE UPDATE ON bank_account BEGIN SELECT RAISE(ABORT, 'bank_account is append-only'); END;

CREATE TRIGGER bank_account_no_delete BEFORE DELETE ON bank_account BEGIN SELECT RAISE(ABORT, 'bank_account is append-only'); END;

CREATE TRIGGER bank_receipt_no_update BEFORE UPDATE ON bank_receipt BEGIN SELECT RAISE(ABORT, 'bank_receipt is append-only'); END;

CREATE TRIGGER bank_receipt_no_delete BEFORE DELETE ON bank_receipt BEGIN SELECT RAISE(ABORT, 'bank_receipt is append-only'); END;

CREATE TRIGGER book_frozen BEFORE UPDATE OF currency, decimals, cooperative_id, group_id ON book WHEN OLD.currency IS NOT NEW.currency OR OLD.decimals IS NOT NEW.decimals OR OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.group_id IS NOT NEW.group_id BEGIN SELECT RAISE(ABORT, 'book keeps what it froze'); END;

CREATE TRIGGER bylaw_no_update BEFORE UPDATE ON bylaw BEGIN SELECT RAISE(ABORT, 'bylaw is append-only'); END;

CREATE TRIGGER bylaw_no_delete BEFORE DELETE ON bylaw BEGIN SELECT RAISE(ABORT, 'bylaw is append-only'); END;

CREATE TRIGGER cancellation_no_update BEFORE UPDATE ON cancellation BEGIN SELECT RAISE(ABORT, 'cancellation is append-only'); END;

CREATE TRIGGER cancellation_no_delete BEFORE DELETE ON cancellation BEGIN SELECT RAISE(ABORT, 'cancellation is append-only'); END;

CREATE TRIGGER card_payment_frozen BEFORE UPDATE OF checkout_id, amount_minor, currency ON card_payment WHEN OLD.checkout_id IS NOT NEW.checkout_id OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.currency IS NOT NEW.currency BEGIN SELECT RAISE(ABORT, 'card_payment keeps what it froze'); END;

CREATE TRIGGER cause_no_update BEFORE UPDATE ON cause BEGIN SELECT RAISE(ABORT, 'cause is append-only'); END;

CREATE TRIGGER cause_no_delete BEFORE DELETE ON cause BEGIN SELECT RAISE(ABORT, 'cause is append-only'); END;

CREATE TRIGGER checkout_buyer_stays BEFORE UPDATE OF person_id ON checkout WHEN OLD.person_id IS NOT NULL AND OLD.person_id IS NOT NEW.person_id BEGIN SELECT RAISE(ABORT, 'checkout keeps its buyer'); END;

CREATE TRIGGER checkout_frozen BEFORE UPDATE OF token_hash, request_key, company_id, email, currency, total_minor, how, expires_at, language ON checkout WHEN OLD.token_hash IS NOT NEW.token_hash OR OLD.request_key IS NOT NEW.request_key OR OLD.company_id IS NOT NEW.company_id OR (OLD.email IS NOT NEW.email AND length(NEW.email) > 1) OR OLD.currency IS NOT NEW.currency OR OLD.total_minor IS NOT NEW.total_minor OR OLD.how IS NOT NEW.how OR OLD.expires_at IS NOT NEW.expires_at OR OLD.language IS NOT NEW.language BEGIN SELECT RAISE(ABORT, 'checkout keeps what it froze'); END;

CREATE TRIGGER checkout_part_no_update BEFORE UPDATE ON checkout_part BEGIN SELECT RAISE(ABORT, 'checkout_part is append-only'); END;

CREATE TRIGGER checkout_part_no_delete BEFORE DELETE ON checkout_part BEGIN SELECT RAISE(ABORT, 'checkout_part is append-only'); END;

CREATE TRIGGER claim_no_update BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, 'claim is append-only'); END;

CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'claim is append-only'); END;

CREATE TRIGGER claim_line_no_update BEFORE UPDATE ON claim_line BEGIN SELECT RAISE(ABORT, 'claim_line is append-only'); END;

CREATE TRIGGER claim_line_no_delete BEFORE DELETE ON claim_line BEGIN SELECT RAISE(ABORT, 'claim_line is append-only'); END;

CREATE TRIGGER collection_no_update BEFORE UPDATE ON collection BEGIN SELECT RAISE(ABORT, 'collection is append-only'); END;

CREATE TRIGGER collection_no_delete BEFORE DELETE ON collection BEGIN SELECT RAISE(ABORT, 'collection is append-only'); END;

CREATE TRIGGER collection_point_street_insert AFTER INSERT ON collection_point BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER collection_point_street_update AFTER UPDATE ON collection_point BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER collection_point_street_delete AFTER DELETE ON collection_point BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER collection_window_frozen BEFORE UPDATE OF cooperative_id, point_id, zone_id, rule_id, day, place, starts_at, ends_at, cut_off_at ON collection_window WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.point_id IS NOT NEW.point_id OR OLD.zone_id IS NOT NEW.zone_id OR OLD.rule_id IS NOT NEW.rule_id OR OLD.day IS NOT NEW.day OR OLD.place IS NOT NEW.place OR OLD.starts_at IS NOT NEW.starts_at OR OLD.ends_at IS NOT NEW.ends_at OR OLD.cut_off_at IS NOT NEW.cut_off_at BEGIN SELECT RAISE(ABORT, 'collection_window keeps what it froze'); END;

CREATE TRIGGER collection_window_street_insert AFTER INSERT ON collection_window BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER collection_window_street_update AFTER UPDATE ON collection_window WHEN (old.booked >= old.capacity) <> (new.booked >= new.capacity) OR (old.closed_at IS NULL) <> (new.closed_at IS NULL) BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER collection_window_street_delete AFTER DELETE ON collection_window BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER complaint_frozen BEFORE UPDATE OF cooperative_id, order_id, line_id, kind, quantity, words, by_id ON complaint WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.order_id IS NOT NEW.order_id OR OLD.line_id IS NOT NEW.line_id OR OLD.kind IS NOT NEW.kind OR OLD.quantity IS NOT NEW.quantity OR (OLD.words IS NOT NEW.words AND length(NEW.words) > 1) OR OLD.by_id IS NOT NEW.by_id BEGIN SELECT RAISE(ABORT, 'complaint keeps what it froze'); END;

CREATE TRIGGER complaint_answer_no_update BEFORE UPDATE ON complaint_answer BEGIN SELECT RAISE(ABORT, 'complaint_answer is append-only'); END;

CREATE TRIGGER complaint_answer_no_delete BEFORE DELETE ON complaint_answer BEGIN SELECT RAISE(ABORT, 'complaint_answer is append-only'); END;

CREATE TRIGGER complaint_photo_no_update BEFORE UPDATE ON complaint_photo BEGIN SELECT RAISE(ABORT, 'complaint_photo is append-only'); END;

CREATE TRIGGER complaint_photo_no_delete BEFORE DELETE ON complaint_photo BEGIN SELECT RAISE(ABORT, 'complaint_photo is append-only'); END;

CREATE TRIGGER cooperative_frozen BEFORE UPDATE OF kind, currency ON cooperative WHEN OLD.kind IS NOT NEW.kind OR OLD.currency IS NOT NEW.currency BEGIN SELECT RAISE(ABORT, 'cooperative keeps what it froze'); END;

CREATE TRIGGER cooperative_street_insert AFTER INSERT ON cooperative BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER cooperative_street_update AFTER UPDATE ON cooperative BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER cooperative_street_delete AFTER DELETE ON cooperative BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER customer_order_frozen BEFORE UPDATE OF cooperative_id, number, checkout_id, point_id, window_id, channel, currency, total_minor, tax_mode, tax_minor, taxes ON customer_order WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.number IS NOT NEW.number OR OLD.checkout_id IS NOT NEW.checkout_id OR OLD.point_id IS NOT NEW.point_id OR OLD.window_id IS NOT NEW.window_id OR OLD.channel IS NOT NEW.channel OR OLD.currency IS NOT NEW.currency OR OLD.total_minor IS NOT NEW.total_minor OR OLD.tax_mode IS NOT NEW.tax_mode OR OLD.tax_minor IS NOT NEW.tax_minor OR OLD.taxes IS NOT NEW.taxes BEGIN SELECT RAISE(ABORT, 'customer_order keeps what it froze'); END;

CREATE TRIGGER cycle_goods_street_insert AFTER INSERT ON cycle_goods BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER cycle_goods_street_update AFTER UPDATE ON cycle_goods BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER cycle_goods_street_delete AFTER DELETE ON cycle_goods BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER delivery_no_update BEFORE UPDATE ON delivery BEGIN SELECT RAISE(ABORT, 'delivery is append-only'); END;

CREATE TRIGGER delivery_no_delete BEFORE DELETE ON delivery BEGIN SELECT RAISE(ABORT, 'delivery is append-only'); END;

CREATE TRIGGER delivery_zone_frozen BEFORE UPDATE OF cooperative_id, name ON delivery_zone WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.name IS NOT NEW.name BEGIN SELECT RAISE(ABORT, 'delivery_zone keeps what it froze'); END;

CREATE TRIGGER destination_no_update BEFORE UPDATE ON destination BEGIN SELECT RAISE(ABORT, 'destination is append-only'); END;

CREATE TRIGGER destination_no_delete BEFORE DELETE ON destination BEGIN SELECT RAISE(ABORT, 'destination is append-only'); END;

CREATE TRIGGER erasure_frozen BEFORE UPDATE OF person_id ON erasure WHEN OLD.person_id IS NOT NEW.person_id BEGIN SELECT RAISE(ABORT, 'erasure keeps what it froze'); END;

CREATE TRIGGER fee_frozen BEFORE UPDATE OF cooperative_id, thread_id, version, name, kind, basis, amount_minor, bps, more_minor, items_most, threshold_minor, per_milligrams, tax_class, tax_included, payable_to, payee, currency, starts_at, by_id ON fee WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.thread_id IS NOT NEW.thread_id OR OLD.version IS NOT NEW.version OR OLD.name IS NOT NEW.name OR OLD.kind IS NOT NEW.kind OR OLD.basis IS NOT NEW.basis OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.bps IS NOT NEW.bps OR OLD.more_minor IS NOT NEW.more_minor OR OLD.items_most IS NOT NEW.items_most OR OLD.threshold_minor IS NOT NEW.threshold_minor OR OLD.per_milligrams IS NOT NEW.per_milligrams OR OLD.tax_class IS NOT NEW.tax_class OR OLD.tax_included IS NOT NEW.tax_included OR OLD.payable_to IS NOT NEW.payable_to OR OLD.payee IS NOT NEW.payee OR OLD.currency IS NOT NEW.currency OR OLD.starts_at IS NOT NEW.starts_at OR OLD.by_id IS NOT NEW.by_id BEGIN SELECT RAISE(ABORT, 'fee keeps what it froze'); END;

CREATE TRIGGER heap_frozen BEFORE UPDATE OF cooperative_id, product_id, grade, point_id, unit ON heap WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.product_id IS NOT NEW.product_id OR OLD.grade IS NOT NEW.grade OR OLD.point_id IS NOT NEW.point_id OR OLD.unit IS NOT NEW.unit BEGIN SELECT RAISE(ABORT, 'heap keeps what it froze'); END;

CREATE TRIGGER heap_street_insert AFTER INSERT ON heap BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER heap_street_update AFTER UPDATE ON heap WHEN EXISTS (SELECT 1 FROM pack p WHERE p.heap_id = new.id AND p.is_listed AND (old.on_hand + old.oversell_limit - old.held >= p.content) <> (new.on_hand + new.oversell_limit - new.held >= p.content)) BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER heap_street_delete AFTER DELETE ON heap BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER hold_frozen BEFORE UPDATE OF cooperative_id, heap_id, quantity, cause_id ON hold WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.heap_id IS NOT NEW.heap_id OR OLD.quantity IS NOT NEW.quantity OR OLD.cause_id IS NOT NEW.cause_id BEGIN SELECT RAISE(ABORT, 'hold keeps what it froze'); END;

CREATE TRIGGER instruction_frozen BEFORE UPDATE OF cooperative_id, obligation_id, run_id, attempt, position, reference, rail, holder, bank_code, account, amount_minor, currency ON instruction WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.obligation_id IS NOT NEW.obligation_id OR OLD.run_id IS NOT NEW.run_id OR OLD.attempt IS NOT NEW.attempt OR OLD.position IS NOT NEW.position OR OLD.reference IS NOT NEW.reference OR OLD.rail IS NOT NEW.rail OR OLD.holder IS NOT NEW.holder OR OLD.bank_code IS NOT NEW.bank_code OR OLD.account IS NOT NEW.account OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.currency IS NOT NEW.currency BEGIN SELECT RAISE(ABORT, 'instruction keeps what it froze'); END;

CREATE TRIGGER invitation_frozen BEFORE UPDATE OF cooperative_id, token_hash, email, role, member_id, sent_by_id, expires_at ON invitation WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.token_hash IS NOT NEW.token_hash OR OLD.email IS NOT NEW.email OR OLD.role IS NOT NEW.role OR OLD.member_id IS NOT NEW.member_id OR OLD.sent_by_id IS NOT NEW.sent_by_id OR OLD.expires_at IS NOT NEW.expires_at BEGIN SELECT RAISE(ABORT, 'invitation keeps what it froze'); END;

CREATE TRIGGER invoice_frozen BEFORE UPDATE OF cooperative_id, number, order_id, company_id, currency, total_minor, issued_on, due_on ON invoice WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.number IS NOT NEW.number OR OLD.order_id IS NOT NEW.order_id OR OLD.company_id IS NOT NEW.company_id OR OLD.currency IS NOT NEW.currency OR OLD.total_minor IS NOT NEW.total_minor OR OLD.issued_on IS NOT NEW.issued_on OR OLD.due_on IS NOT NEW.due_on BEGIN SELECT RAISE(ABORT, 'invoice keeps what it froze'); END;

CREATE TRIGGER ladder_frozen BEFORE UPDATE OF cooperative_id, price_list_id, pack_id ON ladder WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.price_list_id IS NOT NEW.price_list_id OR OLD.pack_id IS NOT NEW.pack_id BEGIN SELECT RAISE(ABORT, 'ladder keeps what it froze'); END;

CREATE TRIGGER ladder_street_insert AFTER INSERT ON ladder BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER ladder_street_update AFTER UPDATE ON ladder BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER ladder_street_delete AFTER DELETE ON ladder BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE VIRTUAL TABLE listing_words USING fts5(name_words, other_words, marks, content='listing', content_rowid='number', detail='column', tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'");

CREATE TRIGGER listing_words_in AFTER INSERT ON listing BEGIN INSERT INTO listing_words (rowid, name_words, other_words, marks) VALUES (NEW.number, NEW.name_words, NEW.other_words, NEW.marks); END;

CREATE TRIGGER listing_words_out AFTER DELETE ON listing BEGIN INSERT INTO listing_words (listing_words, rowid, name_words, other_words, marks) VALUES ('delete', OLD.number, OLD.name_words, OLD.other_words, OLD.marks); END;

CREATE TRIGGER listing_words_anew AFTER UPDATE OF name_words, other_words, marks ON listing WHEN OLD.name_words <> NEW.name_words OR OLD.other_words <> NEW.other_words OR OLD.marks <> NEW.marks BEGIN INSERT INTO listing_words (listing_words, rowid, name_words, other_words, marks) VALUES ('delete', OLD.number, OLD.name_words, OLD.other_words, OLD.marks); INSERT INTO listing_words (rowid, name_words, other_words, marks) VALUES (NEW.number, NEW.name_words, NEW.other_words, NEW.marks); END;

CREATE TRIGGER listing_frozen BEFORE UPDATE OF cooperative_id, product_id, number ON listing WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.product_id IS NOT NEW.product_id OR OLD.number IS NOT NEW.number BEGIN SELECT RAISE(ABORT, 'listing keeps what it froze'); END;

CREATE TRIGGER listing_street_insert AFTER INSERT ON listing BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER listing_street_update AFTER UPDATE ON listing BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER listing_street_delete AFTER DELETE ON listing BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER lot_frozen BEFORE UPDATE OF cooperative_id, number, pool_id, heap_id, good_from ON lot WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.number IS NOT NEW.number OR OLD.pool_id IS NOT NEW.pool_id OR OLD.heap_id IS NOT NEW.heap_id OR OLD.good_from IS NOT NEW.good_from BEGIN SELECT RAISE(ABORT, 'lot keeps what it froze'); END;

CREATE TRIGGER lot_move_no_update BEFORE UPDATE ON lot_move BEGIN SELECT RAISE(ABORT, 'lot_move is append-only'); END;

CREATE TRIGGER lot_move_no_delete BEFORE DELETE ON lot_move BEGIN SELECT RAISE(ABORT, 'lot_move is append-only'); END;

CREATE TRIGGER market_quote_no_update BEFORE UPDATE ON market_quote BEGIN SELECT RAISE(ABORT, 'market_quote is append-only'); END;

CREATE TRIGGER market_quote_no_delete BEFORE DELETE ON market_quote BEGIN SELECT RAISE(ABORT, 'market_quote is append-only'); END;

CREATE TRIGGER member_frozen BEFORE UPDATE OF cooperative_id, number ON member WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.number IS NOT NEW.number BEGIN SELECT RAISE(ABORT, 'member keeps what it froze'); END;

CREATE TRIGGER numbering_frozen BEFORE UPDATE OF cooperative_id, series ON numbering WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.series IS NOT NEW.series BEGIN SELECT RAISE(ABORT, 'numbering keeps what it froze'); END;

CREATE TRIGGER obligation_frozen BEFORE UPDATE OF cooperative_id, payee, payee_id, amount_minor, currency ON obligation WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.payee IS NOT NEW.payee OR OLD.payee_id IS NOT NEW.payee_id OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.currency IS NOT NEW.currency BEGIN SELECT RAISE(ABORT, 'obligation keeps what it froze'); END;

CREATE TRIGGER order_change_no_update BEFORE UPDATE ON order_change BEGIN SELECT RAISE(ABORT, 'order_change is append-only'); END;

CREATE TRIGGER order_change_no_delete BEFORE DELETE ON order_change BEGIN SELECT RAISE(ABORT, 'order_change is append-only'); END;

CREATE TRIGGER order_cycle_street_insert AFTER INSERT ON order_cycle BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER order_cycle_street_update AFTER UPDATE ON order_cycle BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER order_cycle_street_delete AFTER DELETE ON order_cycle BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER order_fee_frozen BEFORE UPDATE OF cooperative_id, order_id, fee_id, name, kind, rule, payable_to, payee, amount_minor, currency, added_minor, tax_minor, discount_minor, discount_tax_minor ON order_fee WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.order_id IS NOT NEW.order_id OR OLD.fee_id IS NOT NEW.fee_id OR OLD.name IS NOT NEW.name OR OLD.kind IS NOT NEW.kind OR OLD.rule IS NOT NEW.rule OR OLD.payable_to IS NOT NEW.payable_to OR OLD.payee IS NOT NEW.payee OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.currency IS NOT NEW.currency OR OLD.added_minor IS NOT NEW.added_minor OR OLD.tax_minor IS NOT NEW.tax_minor OR OLD.discount_minor IS NOT NEW.discount_minor OR OLD.discount_tax_minor IS NOT NEW.discount_tax_minor BEGIN SELECT RAISE(ABORT, 'order_fee keeps what it froze'); END;

CREATE TRIGGER order_gift_frozen BEFORE UPDATE OF cooperative_id, order_id, voucher_id, fee_id, words, amount_minor, currency ON order_gift WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.order_id IS NOT NEW.order_id OR OLD.voucher_id IS NOT NEW.voucher_id OR OLD.fee_id IS NOT NEW.fee_id OR OLD.words IS NOT NEW.words OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.currency IS NOT NEW.currency BEGIN SELECT RAISE(ABORT, 'order_gift keeps what it froze'); END;

CREATE TRIGGER order_line_frozen BEFORE UPDATE OF cooperative_id, order_id, pack_id, heap_id, name, quantity, content, unit, unit_price_minor, line_minor, currency, because, added_minor, tax_minor, discount_minor, discount_tax_minor ON order_line WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.order_id IS NOT NEW.order_id OR OLD.pack_id IS NOT NEW.pack_id OR OLD.heap_id IS NOT NEW.heap_id OR OLD.name IS NOT NEW.name OR OLD.quantity IS NOT NEW.quantity OR OLD.content IS NOT NEW.content OR OLD.unit IS NOT NEW.unit OR OLD.unit_price_minor IS NOT NEW.unit_price_minor OR OLD.line_minor IS NOT NEW.line_minor OR OLD.currency IS NOT NEW.currency OR OLD.because IS NOT NEW.because OR OLD.added_minor IS NOT NEW.added_minor OR OLD.tax_minor IS NOT NEW.tax_minor OR OLD.discount_minor IS NOT NEW.discount_minor OR OLD.discount_tax_minor IS NOT NEW.discount_tax_minor BEGIN SELECT RAISE(ABORT, 'order_line keeps what it froze'); END;

CREATE TRIGGER pack_frozen BEFORE UPDATE OF cooperative_id, heap_id, product_id, content ON pack WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.heap_id IS NOT NEW.heap_id OR OLD.product_id IS NOT NEW.product_id OR OLD.content IS NOT NEW.content BEGIN SELECT RAISE(ABORT, 'pack keeps what it froze'); END;

CREATE TRIGGER pack_street_insert AFTER INSERT ON pack BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER pack_street_update AFTER UPDATE ON pack BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER pack_street_delete AFTER DELETE ON pack BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER paper_no_update BEFORE UPDATE ON paper BEGIN SELECT RAISE(ABORT, 'paper is append-only'); END;

CREATE TRIGGER paper_no_delete BEFORE DELETE ON paper BEGIN SELECT RAISE(ABORT, 'paper is append-only'); END;

CREATE TRIGGER passkey_frozen BEFORE UPDATE OF person_id, credential, public_key ON passkey WHEN OLD.person_id IS NOT NEW.person_id OR OLD.credential IS NOT NEW.credential OR OLD.public_key IS NOT NEW.public_key BEGIN SELECT RAISE(ABORT, 'passkey keeps what it froze'); END;

CREATE TRIGGER payout_approval_no_update BEFORE UPDATE ON payout_approval BEGIN SELECT RAISE(ABORT, 'payout_approval is append-only'); END;

CREATE TRIGGER payout_approval_no_delete BEFORE DELETE ON payout_approval BEGIN SELECT RAISE(ABORT, 'payout_approval is append-only'); END;

CREATE TRIGGER payout_batch_no_update BEFORE UPDATE ON payout_batch BEGIN SELECT RAISE(ABORT, 'payout_batch is append-only'); END;

CREATE TRIGGER payout_batch_no_delete BEFORE DELETE ON payout_batch BEGIN SELECT RAISE(ABORT, 'payout_batch is append-only'); END;

CREATE TRIGGER payout_run_no_update BEFORE UPDATE ON payout_run BEGIN SELECT RAISE(ABORT, 'payout_run is append-only'); END;

CREATE TRIGGER payout_run_no_delete BEFORE DELETE ON payout_run BEGIN SELECT RAISE(ABORT, 'payout_run is append-only'); END;

CREATE TRIGGER picking_no_update BEFORE UPDATE ON picking BEGIN SELECT RAISE(ABORT, 'picking is append-only'); END;

CREATE TRIGGER picking_no_delete BEFORE DELETE ON picking BEGIN SELECT RAISE(ABORT, 'picking is append-only'); END;

CREATE TRIGGER pool_frozen BEFORE UPDATE OF cooperative_id, product_id, season, opened_at, revenue_basis, currency ON pool WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.product_id IS NOT NEW.product_id OR OLD.season IS NOT NEW.season OR OLD.opened_at IS NOT NEW.opened_at OR OLD.revenue_basis IS NOT NEW.revenue_basis OR OLD.currency IS NOT NEW.currency BEGIN SELECT RAISE(ABORT, 'pool keeps what it froze'); END;

CREATE TRIGGER pool_split_no_update BEFORE UPDATE ON pool_split BEGIN SELECT RAISE(ABORT, 'pool_split is append-only'); END;

CREATE TRIGGER pool_split_no_delete BEFORE DELETE ON pool_split BEGIN SELECT RAISE(ABORT, 'pool_split is append-only'); END;

CREATE TRIGGER pool_split_street_insert AFTER INSERT ON pool_split BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER pool_split_street_update AFTER UPDATE ON pool_split BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER pool_split_street_delete AFTER DELETE ON pool_split BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER price_list_frozen BEFORE UPDATE OF cooperative_id, level, holder_id ON price_list WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.level IS NOT NEW.level OR OLD.holder_id IS NOT NEW.holder_id BEGIN SELECT RAISE(ABORT, 'price_list keeps what it froze'); END;

CREATE TRIGGER price_list_street_insert AFTER INSERT ON price_list BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER price_list_street_update AFTER UPDATE ON price_list BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER price_list_street_delete AFTER DELETE ON price_list BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_frozen BEFORE UPDATE OF cooperative_id, unit ON product WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.unit IS NOT NEW.unit BEGIN SELECT RAISE(ABORT, 'product keeps what it froze'); END;

CREATE TRIGGER product_street_insert AFTER INSERT ON product BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_street_update AFTER UPDATE ON product BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_street_delete AFTER DELETE ON product BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_photo_frozen BEFORE UPDATE OF cooperative_id, product_id ON product_photo WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.product_id IS NOT NEW.product_id BEGIN SELECT RAISE(ABORT, 'product_photo keeps what it froze'); END;

CREATE TRIGGER product_photo_street_insert AFTER INSERT ON product_photo BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_photo_street_update AFTER UPDATE ON product_photo BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_photo_street_delete AFTER DELETE ON product_photo BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_words_frozen BEFORE UPDATE OF cooperative_id, product_id, language ON product_words WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.product_id IS NOT NEW.product_id OR OLD.language IS NOT NEW.language BEGIN SELECT RAISE(ABORT, 'product_words keeps what it froze'); END;

CREATE TRIGGER product_words_street_insert AFTER INSERT ON product_words BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_words_street_update AFTER UPDATE ON product_words BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER product_words_street_delete AFTER DELETE ON product_words BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER provider_event_frozen BEFORE UPDATE OF provider, event_key, body, body_sha256 ON provider_event WHEN OLD.provider IS NOT NEW.provider OR OLD.event_key IS NOT NEW.event_key OR (OLD.body IS NOT NEW.body AND length(NEW.body) > 1) OR OLD.body_sha256 IS NOT NEW.body_sha256 BEGIN SELECT RAISE(ABORT, 'provider_event keeps what it froze'); END;

CREATE TRIGGER provider_payout_no_update BEFORE UPDATE ON provider_payout BEGIN SELECT RAISE(ABORT, 'provider_payout is append-only'); END;

CREATE TRIGGER provider_payout_no_delete BEFORE DELETE ON provider_payout BEGIN SELECT RAISE(ABORT, 'provider_payout is append-only'); END;

CREATE TRIGGER rail_event_no_update BEFORE UPDATE ON rail_event BEGIN SELECT RAISE(ABORT, 'rail_event is append-only'); END;

CREATE TRIGGER rail_event_no_delete BEFORE DELETE ON rail_event BEGIN SELECT RAISE(ABORT, 'rail_event is append-only'); END;

CREATE TRIGGER refund_frozen BEFORE UPDATE OF cooperative_id, order_id, line_id, fee_id, way, amount_minor, currency, reason, by_id, request_key, goodwill ON refund WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.order_id IS NOT NEW.order_id OR OLD.line_id IS NOT NEW.line_id OR OLD.fee_id IS NOT NEW.fee_id OR OLD.way IS NOT NEW.way OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.currency IS NOT NEW.currency OR OLD.reason IS NOT NEW.reason OR OLD.by_id IS NOT NEW.by_id OR OLD.request_key IS NOT NEW.request_key OR OLD.goodwill IS NOT NEW.goodwill BEGIN SELECT RAISE(ABORT, 'refund keeps what it froze'); END;

CREATE TRIGGER request_key_no_update BEFORE UPDATE ON request_key BEGIN SELECT RAISE(ABORT, 'request_key is append-only'); END;

CREATE TRIGGER request_key_no_delete BEFORE DELETE ON request_key BEGIN SELECT RAISE(ABORT, 'request_key is append-only'); END;

CREATE TRIGGER role_grant_frozen BEFORE UPDATE OF cooperative_id, person_id, role, granted_by_id ON role_grant WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.person_id IS NOT NEW.person_id OR OLD.role IS NOT NEW.role OR OLD.granted_by_id IS NOT NEW.granted_by_id BEGIN SELECT RAISE(ABORT, 'role_grant keeps what it froze'); END;

CREATE TRIGGER rung_frozen BEFORE UPDATE OF cooperative_id, ladder_id ON rung WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.ladder_id IS NOT NEW.ladder_id BEGIN SELECT RAISE(ABORT, 'rung keeps what it froze'); END;

CREATE TRIGGER rung_street_insert AFTER INSERT ON rung BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER rung_street_update AFTER UPDATE ON rung BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER rung_street_delete AFTER DELETE ON rung BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER settlement_frozen BEFORE UPDATE OF cooperative_id, pool_id ON settlement WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.pool_id IS NOT NEW.pool_id BEGIN SELECT RAISE(ABORT, 'settlement keeps what it froze'); END;

CREATE TRIGGER settlement_approval_no_update BEFORE UPDATE ON settlement_approval BEGIN SELECT RAISE(ABORT, 'settlement_approval is append-only'); END;

CREATE TRIGGER settlement_approval_no_delete BEFORE DELETE ON settlement_approval BEGIN SELECT RAISE(ABORT, 'settlement_approval is append-only'); END;

CREATE TRIGGER settlement_close_no_update BEFORE UPDATE ON settlement_close BEGIN SELECT RAISE(ABORT, 'settlement_close is append-only'); END;

CREATE TRIGGER settlement_close_no_delete BEFORE DELETE ON settlement_close BEGIN SELECT RAISE(ABORT, 'settlement_close is append-only'); END;

CREATE TRIGGER settlement_line_no_update BEFORE UPDATE ON settlement_line BEGIN SELECT RAISE(ABORT, 'settlement_line is append-only'); END;

CREATE TRIGGER settlement_line_no_delete BEFORE DELETE ON settlement_line BEGIN SELECT RAISE(ABORT, 'settlement_line is append-only'); END;

CREATE TRIGGER share_approval_no_update BEFORE UPDATE ON share_approval BEGIN SELECT RAISE(ABORT, 'share_approval is append-only'); END;

CREATE TRIGGER share_approval_no_delete BEFORE DELETE ON share_approval BEGIN SELECT RAISE(ABORT, 'share_approval is append-only'); END;

CREATE TRIGGER share_subscription_no_update BEFORE UPDATE ON share_subscription BEGIN SELECT RAISE(ABORT, 'share_subscription is append-only'); END;

CREATE TRIGGER share_subscription_no_delete BEFORE DELETE ON share_subscription BEGIN SELECT RAISE(ABORT, 'share_subscription is append-only'); END;

CREATE TRIGGER sign_in_frozen BEFORE UPDATE OF token_hash, person_id, expires_at ON sign_in WHEN OLD.token_hash IS NOT NEW.token_hash OR OLD.person_id IS NOT NEW.person_id OR OLD.expires_at IS NOT NEW.expires_at BEGIN SELECT RAISE(ABORT, 'sign_in keeps what it froze'); END;

CREATE TRIGGER trade_terms_no_update BEFORE UPDATE ON trade_terms BEGIN SELECT RAISE(ABORT, 'trade_terms is append-only'); END;

CREATE TRIGGER trade_terms_no_delete BEFORE DELETE ON trade_terms BEGIN SELECT RAISE(ABORT, 'trade_terms is append-only'); END;

CREATE TRIGGER trail_entry_no_update BEFORE UPDATE ON trail_entry BEGIN SELECT RAISE(ABORT, 'trail_entry is append-only'); END;

CREATE TRIGGER trail_entry_no_delete BEFORE DELETE ON trail_entry BEGIN SELECT RAISE(ABORT, 'trail_entry is append-only'); END;

CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer BEGIN SELECT RAISE(ABORT, 'transfer is append-only'); END;

CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer BEGIN SELECT RAISE(ABORT, 'transfer is append-only'); END;

CREATE TRIGGER voucher_frozen BEFORE UPDATE OF cooperative_id, code, amount_minor, bps, currency, least_minor, starts_at, ends_at, uses_most, uses_most_each, product_ids, by_id ON voucher WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.code IS NOT NEW.code OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.bps IS NOT NEW.bps OR OLD.currency IS NOT NEW.currency OR OLD.least_minor IS NOT NEW.least_minor OR OLD.starts_at IS NOT NEW.starts_at OR OLD.ends_at IS NOT NEW.ends_at OR OLD.uses_most IS NOT NEW.uses_most OR OLD.uses_most_each IS NOT NEW.uses_most_each OR OLD.product_ids IS NOT NEW.product_ids OR OLD.by_id IS NOT NEW.by_id BEGIN SELECT RAISE(ABORT, 'voucher keeps what it froze'); END;

CREATE TRIGGER window_rule_frozen BEFORE UPDATE OF cooperative_id, point_id, zone_id, place, weekday, from_minute, to_minute, cut_off_days, cut_off_minute, capacity ON window_rule WHEN OLD.cooperative_id IS NOT NEW.cooperative_id OR OLD.point_id IS NOT NEW.point_id OR OLD.zone_id IS NOT NEW.zone_id OR OLD.place IS NOT NEW.place OR OLD.weekday IS NOT NEW.weekday OR OLD.from_minute IS NOT NEW.from_minute OR OLD.to_minute IS NOT NEW.to_minute OR OLD.cut_off_days IS NOT NEW.cut_off_days OR OLD.cut_off_minute IS NOT NEW.cut_off_minute OR OLD.capacity IS NOT NEW.capacity BEGIN SELECT RAISE(ABORT, 'window_rule keeps what it froze'); END;

CREATE TRIGGER window_rule_street_insert AFTER INSERT ON window_rule BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER window_rule_street_update AFTER UPDATE ON window_rule BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (NEW.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;

CREATE TRIGGER window_rule_street_delete AFTER DELETE ON window_rule BEGIN INSERT INTO street_change (id, created_at, changes, transaction_no) VALUES (OLD.cooperative_id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1; END;


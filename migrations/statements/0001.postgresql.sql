CREATE TABLE provider_event (
  provider TEXT NOT NULL,
  event_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_key TEXT NOT NULL,
  body BYTEA NOT NULL,
  body_sha256 TEXT NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  tries BIGINT NOT NULL,
  handled_at TIMESTAMP WITH TIME ZONE,
  outcome TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_provider_event PRIMARY KEY (id),
  CONSTRAINT uq_provider_event_provider_event_key UNIQUE (provider, event_key)
);

CREATE INDEX ix_provider_event_due ON provider_event (handled_at, due_at);

CREATE TABLE job (
  kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  tries BIGINT NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  last_error TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_job PRIMARY KEY (id),
  CONSTRAINT uq_job_kind_subject_id UNIQUE (kind, subject_id)
);

CREATE INDEX ix_job_due ON job (done_at, due_at);

CREATE TABLE request_key (
  principal TEXT NOT NULL,
  key UUID NOT NULL,
  body_sha256 TEXT NOT NULL,
  location TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_request_key PRIMARY KEY (id),
  CONSTRAINT uq_request_key_principal_key UNIQUE (principal, key)
);

CREATE TABLE letter (
  kind TEXT NOT NULL,
  cause_id UUID NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  html TEXT,
  unsubscribe_url TEXT,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  tries BIGINT NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_letter PRIMARY KEY (id),
  CONSTRAINT uq_letter_kind_cause_id UNIQUE (kind, cause_id)
);

CREATE INDEX ix_letter_due ON letter (sent_at, due_at);

CREATE TABLE refusal_burst (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  began_at TIMESTAMP WITH TIME ZONE NOT NULL,
  refusals BIGINT NOT NULL,
  reason TEXT NOT NULL,
  rule TEXT NOT NULL,
  rang_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_refusal_burst PRIMARY KEY (id),
  CONSTRAINT uq_refusal_burst_kind_subject UNIQUE (kind, subject),
  CONSTRAINT ck_refusal_burst_kind CHECK (kind IN ('address', 'account')),
  CONSTRAINT ck_refusal_burst_refusals CHECK (refusals >= 1)
);

CREATE TABLE street_change (
  changes BIGINT NOT NULL,
  transaction_no BIGINT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_street_change PRIMARY KEY (id)
);

CREATE TABLE trail_entry (
  cooperative_id UUID NOT NULL,
  action TEXT NOT NULL,
  subject_id UUID NOT NULL,
  by_id UUID,
  request_id TEXT NOT NULL,
  details JSONB NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_trail_entry PRIMARY KEY (id)
);

CREATE INDEX ix_trail_entry_cooperative ON trail_entry (cooperative_id, created_at);

CREATE TABLE cooperative (
  kind VARCHAR(11) NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  label VARCHAR(8) NOT NULL,
  place TEXT NOT NULL,
  county TEXT NOT NULL,
  country TEXT NOT NULL,
  jurisdiction TEXT NOT NULL,
  currency TEXT NOT NULL,
  timezone TEXT NOT NULL,
  society_code TEXT,
  listed_at TIMESTAMP WITH TIME ZONE,
  closed_at TIMESTAMP WITH TIME ZONE,
  story TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cooperative PRIMARY KEY (id),
  CONSTRAINT ck_cooperative_named CHECK (slug <> '' AND name <> ''),
  CONSTRAINT ck_cooperative_currency CHECK (length(currency) = 3),
  CONSTRAINT ck_cooperative_operator_sells_nothing CHECK (kind <> 'operator' OR listed_at IS NULL),
  CONSTRAINT ck_cooperative_kind_known CHECK (kind IN ('cooperative', 'operator')),
  CONSTRAINT uq_cooperative_slug UNIQUE (slug),
  CONSTRAINT ck_cooperative_label_known CHECK (label IN ('marigold', 'tomato', 'leaf', 'sky', 'plum', 'clay', 'lagoon', 'maize')),
  CONSTRAINT uq_cooperative_society_code UNIQUE (society_code)
);

CREATE UNIQUE INDEX uq_cooperative_one_operator ON cooperative (kind) WHERE kind = 'operator';

CREATE TABLE guessing (
  key TEXT NOT NULL,
  failures BIGINT NOT NULL,
  failed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  waits_until TIMESTAMP WITH TIME ZONE NOT NULL,
  known_since TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_guessing PRIMARY KEY (id),
  CONSTRAINT ck_guessing_failures CHECK (failures >= 0),
  CONSTRAINT uq_guessing_key UNIQUE (key)
);

CREATE TABLE person (
  name TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  password_hash TEXT,
  totp_secret TEXT,
  totp_pending TEXT,
  totp_last_step BIGINT NOT NULL,
  disabled_at TIMESTAMP WITH TIME ZONE,
  language TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_person PRIMARY KEY (id),
  CONSTRAINT ck_person_named CHECK (name <> ''),
  CONSTRAINT ck_person_email_small CHECK (email IS NULL OR email = lower(email)),
  CONSTRAINT ck_person_totp_last_step CHECK (totp_last_step >= 0),
  CONSTRAINT ck_person_language CHECK (language IN ('', 'en', 'fr', 'es', 'sw', 'rw')),
  CONSTRAINT uq_person_email UNIQUE (email)
);

CREATE TABLE company (
  name TEXT NOT NULL,
  registration_no TEXT,
  email TEXT,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_company PRIMARY KEY (id),
  CONSTRAINT ck_company_named CHECK (name <> ''),
  CONSTRAINT uq_company_registration_no UNIQUE (registration_no)
);

CREATE TABLE vocabulary (
  word TEXT COLLATE "C" NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_vocabulary PRIMARY KEY (id),
  CONSTRAINT uq_vocabulary_word UNIQUE (word)
);

CREATE TABLE vocabulary_part (
  part TEXT COLLATE "C" NOT NULL,
  word TEXT COLLATE "C" NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_vocabulary_part PRIMARY KEY (id),
  CONSTRAINT uq_vocabulary_part_part_word UNIQUE (part, word)
);

CREATE TABLE market_quote (
  observed_on DATE NOT NULL,
  province TEXT NOT NULL,
  market TEXT NOT NULL,
  latitude_udeg BIGINT,
  longitude_udeg BIGINT,
  category TEXT NOT NULL,
  commodity TEXT NOT NULL,
  unit_text TEXT NOT NULL,
  unit VARCHAR(2) NOT NULL,
  content BIGINT NOT NULL,
  price_type VARCHAR(9) NOT NULL,
  currency TEXT NOT NULL,
  price_minor BIGINT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_market_quote PRIMARY KEY (id),
  CONSTRAINT uq_market_quote_observed_on_market_commodity_unit_text__63c1 UNIQUE (observed_on, market, commodity, unit_text, price_type, currency),
  CONSTRAINT ck_market_quote_content CHECK (content > 0),
  CONSTRAINT ck_market_quote_price CHECK (price_minor > 0),
  CONSTRAINT ck_market_quote_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT ck_market_quote_price_type_known CHECK (price_type IN ('retail', 'wholesale'))
);

CREATE INDEX ix_market_quote_commodity ON market_quote (commodity, price_type, observed_on);

CREATE TABLE alarm (
  kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  detail TEXT NOT NULL,
  words TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_alarm PRIMARY KEY (id),
  CONSTRAINT uq_alarm_kind_subject_id_detail UNIQUE (kind, subject_id, detail)
);

CREATE TABLE book (
  group_id UUID NOT NULL,
  currency TEXT NOT NULL,
  decimals BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_book PRIMARY KEY (id),
  CONSTRAINT uq_book_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_book_cooperative_id_group_id_currency UNIQUE (cooperative_id, group_id, currency),
  CONSTRAINT ck_book_decimals CHECK (decimals BETWEEN 0 AND 3),
  CONSTRAINT ck_book_currency CHECK (length(currency) = 3),
  CONSTRAINT fk_book_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE bylaw (
  kind TEXT NOT NULL,
  version BIGINT NOT NULL,
  effective_from DATE NOT NULL,
  rules JSONB NOT NULL,
  source TEXT NOT NULL,
  approved_by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_bylaw PRIMARY KEY (id),
  CONSTRAINT uq_bylaw_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_bylaw_cooperative_id_kind_version UNIQUE (cooperative_id, kind, version),
  CONSTRAINT ck_bylaw_version CHECK (version >= 1),
  CONSTRAINT ck_bylaw_sourced CHECK (source <> ''),
  CONSTRAINT fk_bylaw_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bylaw_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE passkey_challenge (
  words BYTEA NOT NULL,
  purpose VARCHAR(7) NOT NULL,
  person_id UUID,
  network TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_passkey_challenge PRIMARY KEY (id),
  CONSTRAINT ck_passkey_challenge_words CHECK (length(words) = 32),
  CONSTRAINT ck_passkey_challenge_whose CHECK ((purpose = 'sign-in') = (person_id IS NULL)),
  CONSTRAINT uq_passkey_challenge_words UNIQUE (words),
  CONSTRAINT ck_passkey_challenge_purpose_known CHECK (purpose IN ('add', 'sign-in', 'confirm')),
  CONSTRAINT fk_passkey_challenge_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_passkey_challenge_network ON passkey_challenge (network, expires_at);

CREATE TABLE company_person (
  company_id UUID NOT NULL,
  person_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_company_person PRIMARY KEY (id),
  CONSTRAINT uq_company_person_person_id UNIQUE (person_id),
  CONSTRAINT fk_company_person_company_id_company FOREIGN KEY(company_id) REFERENCES company (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_company_person_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_company_person_company ON company_person (company_id);

CREATE TABLE trade_terms (
  company_id UUID NOT NULL,
  net_days BIGINT NOT NULL,
  credit_limit_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  approved_by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_trade_terms PRIMARY KEY (id),
  CONSTRAINT uq_trade_terms_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_trade_terms_net_days CHECK (net_days BETWEEN 0 AND 120),
  CONSTRAINT ck_trade_terms_credit_limit CHECK (credit_limit_minor >= 0),
  CONSTRAINT ck_trade_terms_currency CHECK (length(currency) = 3),
  CONSTRAINT fk_trade_terms_company_id_company FOREIGN KEY(company_id) REFERENCES company (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_trade_terms_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_trade_terms_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_trade_terms_company ON trade_terms (company_id, cooperative_id, created_at);

CREATE TABLE sign_in (
  token_hash BYTEA NOT NULL,
  person_id UUID NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  stepped_up_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_sign_in PRIMARY KEY (id),
  CONSTRAINT ck_sign_in_hash CHECK (length(token_hash) = 32),
  CONSTRAINT ck_sign_in_ends CHECK (expires_at > created_at),
  CONSTRAINT uq_sign_in_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_sign_in_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_sign_in_person ON sign_in (person_id);

CREATE TABLE erasure (
  person_id UUID NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  shut_at TIMESTAMP WITH TIME ZONE,
  done_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_erasure PRIMARY KEY (id),
  CONSTRAINT ck_erasure_withdrawn_before_it_began CHECK (withdrawn_at IS NULL OR (shut_at IS NULL AND done_at IS NULL)),
  CONSTRAINT ck_erasure_shut_before_done CHECK (done_at IS NULL OR shut_at IS NOT NULL),
  CONSTRAINT fk_erasure_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_erasure_due ON erasure (done_at, due_at);

CREATE UNIQUE INDEX uq_erasure_live ON erasure (person_id) WHERE withdrawn_at IS NULL AND done_at IS NULL;

CREATE TABLE member_group (
  name TEXT NOT NULL,
  members_least BIGINT NOT NULL,
  members_most BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_member_group PRIMARY KEY (id),
  CONSTRAINT uq_member_group_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_member_group_cooperative_id_name UNIQUE (cooperative_id, name),
  CONSTRAINT ck_member_group_named CHECK (name <> ''),
  CONSTRAINT ck_member_group_size CHECK (members_least >= 1 AND members_most >= members_least),
  CONSTRAINT fk_member_group_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE role_grant (
  person_id UUID NOT NULL,
  role VARCHAR(9) NOT NULL,
  granted_by_id UUID,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  withdrawn_by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_role_grant PRIMARY KEY (id),
  CONSTRAINT uq_role_grant_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_role_grant_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)),
  CONSTRAINT fk_role_grant_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_role_grant_role_known CHECK (role IN ('manager', 'treasurer', 'collector', 'operator')),
  CONSTRAINT fk_role_grant_granted_by_id_person FOREIGN KEY(granted_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_role_grant_withdrawn_by_id_person FOREIGN KEY(withdrawn_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_role_grant_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_role_grant_person ON role_grant (person_id);

CREATE UNIQUE INDEX uq_role_grant_live ON role_grant (cooperative_id, person_id, role) WHERE withdrawn_at IS NULL;

CREATE TABLE account_link (
  token_hash BYTEA NOT NULL,
  purpose VARCHAR(8) NOT NULL,
  email TEXT NOT NULL,
  person_id UUID,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_account_link PRIMARY KEY (id),
  CONSTRAINT ck_account_link_hash CHECK (length(token_hash) = 32),
  CONSTRAINT ck_account_link_whose CHECK ((purpose = 'account') = (person_id IS NULL)),
  CONSTRAINT ck_account_link_ends CHECK (expires_at > created_at),
  CONSTRAINT uq_account_link_token_hash UNIQUE (token_hash),
  CONSTRAINT ck_account_link_purpose_known CHECK (purpose IN ('sign-in', 'password', 'account', 'move', 'stay')),
  CONSTRAINT fk_account_link_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_account_link_email ON account_link (email, created_at);

CREATE INDEX ix_account_link_person ON account_link (person_id);

CREATE TABLE passkey (
  person_id UUID NOT NULL,
  credential BYTEA NOT NULL,
  public_key BYTEA NOT NULL,
  uses BIGINT NOT NULL,
  name TEXT NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_passkey PRIMARY KEY (id),
  CONSTRAINT ck_passkey_named CHECK (name <> ''),
  CONSTRAINT ck_passkey_uses CHECK (uses >= 0),
  CONSTRAINT fk_passkey_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_passkey_credential UNIQUE (credential)
);

CREATE INDEX ix_passkey_person ON passkey (person_id);

CREATE TABLE collection_point (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  county TEXT NOT NULL,
  latitude_udeg BIGINT,
  longitude_udeg BIGINT,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_collection_point PRIMARY KEY (id),
  CONSTRAINT uq_collection_point_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_collection_point_cooperative_id_code UNIQUE (cooperative_id, code),
  CONSTRAINT ck_collection_point_named CHECK (code <> '' AND name <> ''),
  CONSTRAINT ck_collection_point_latitude CHECK (latitude_udeg BETWEEN -90000000 AND 90000000),
  CONSTRAINT ck_collection_point_longitude CHECK (longitude_udeg BETWEEN -180000000 AND 180000000),
  CONSTRAINT fk_collection_point_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE product (
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  kind VARCHAR(21) NOT NULL,
  unit VARCHAR(2) NOT NULL,
  grades JSONB NOT NULL,
  description TEXT NOT NULL,
  picture TEXT NOT NULL,
  storage TEXT NOT NULL,
  allergens TEXT NOT NULL,
  keeps_days BIGINT,
  tax_class VARCHAR(8) NOT NULL,
  certificates JSONB NOT NULL,
  listed_at TIMESTAMP WITH TIME ZONE,
  version BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_product PRIMARY KEY (id),
  CONSTRAINT uq_product_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_product_cooperative_id_slug UNIQUE (cooperative_id, slug),
  CONSTRAINT ck_product_named CHECK (length(slug) > 0 AND length(name) > 0),
  CONSTRAINT ck_product_keeps CHECK (keeps_days IS NULL OR keeps_days > 0),
  CONSTRAINT ck_product_kind_known CHECK (kind IN ('cereals and tubers', 'vegetables and fruits', 'pulses and nuts', 'meat, fish and eggs', 'milk and dairy', 'oil and fats', 'coffee and tea', 'other food')),
  CONSTRAINT ck_product_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT ck_product_tax_class_known CHECK (tax_class IN ('exempt', 'zero', 'reduced', 'standard')),
  CONSTRAINT fk_product_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE numbering (
  series TEXT NOT NULL,
  last BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_numbering PRIMARY KEY (id),
  CONSTRAINT uq_numbering_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_numbering_cooperative_id_series UNIQUE (cooperative_id, series),
  CONSTRAINT ck_numbering_last CHECK (last >= 0),
  CONSTRAINT fk_numbering_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE price_list (
  level VARCHAR(8) NOT NULL,
  holder_id UUID NOT NULL,
  name TEXT NOT NULL,
  valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
  valid_until TIMESTAMP WITH TIME ZONE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_price_list PRIMARY KEY (id),
  CONSTRAINT uq_price_list_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_price_list_cooperative_id_level_holder_id_name UNIQUE (cooperative_id, level, holder_id, name),
  CONSTRAINT ck_price_list_public_has_no_holder CHECK ((level = 'public') = (holder_id = '00000000-0000-0000-0000-000000000000')),
  CONSTRAINT ck_price_list_window CHECK (valid_until IS NULL OR valid_until > valid_from),
  CONSTRAINT ck_price_list_named CHECK (length(name) > 0),
  CONSTRAINT ck_price_list_level_known CHECK (level IN ('contract', 'company', 'group', 'public')),
  CONSTRAINT fk_price_list_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_price_list_holder ON price_list (holder_id);

CREATE TABLE bank_account (
  holder TEXT NOT NULL,
  bank_code TEXT NOT NULL,
  account TEXT NOT NULL,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_bank_account PRIMARY KEY (id),
  CONSTRAINT uq_bank_account_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_bank_account_whole CHECK (holder <> '' AND bank_code <> '' AND account <> ''),
  CONSTRAINT fk_bank_account_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bank_account_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_account_latest ON bank_account (cooperative_id, created_at);

CREATE TABLE obligation (
  payee VARCHAR(11) NOT NULL,
  payee_id UUID NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_obligation PRIMARY KEY (id),
  CONSTRAINT uq_obligation_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_obligation_amount CHECK (amount_minor > 0),
  CONSTRAINT ck_obligation_payee_known CHECK (payee IN ('member', 'cooperative')),
  CONSTRAINT fk_obligation_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_obligation_one_open ON obligation (cooperative_id, payee, payee_id) WHERE ended_at IS NULL;

CREATE TABLE payout_run (
  number BIGINT NOT NULL,
  kind VARCHAR(10) NOT NULL,
  payments BIGINT NOT NULL,
  total_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  payments_sha256 TEXT NOT NULL,
  made_by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_payout_run PRIMARY KEY (id),
  CONSTRAINT uq_payout_run_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_payout_run_cooperative_id_number UNIQUE (cooperative_id, number),
  CONSTRAINT ck_payout_run_pays_somebody CHECK (payments >= 1 AND total_minor > 0),
  CONSTRAINT ck_payout_run_kind_known CHECK (kind IN ('members', 'remittance')),
  CONSTRAINT fk_payout_run_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_payout_run_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE rail_event (
  rail VARCHAR(4) NOT NULL,
  own_id TEXT NOT NULL,
  batch_id UUID NOT NULL,
  body_sha256 TEXT NOT NULL,
  told JSONB NOT NULL,
  by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_rail_event PRIMARY KEY (id),
  CONSTRAINT uq_rail_event_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_rail_event_cooperative_id_rail_own_id UNIQUE (cooperative_id, rail, own_id),
  CONSTRAINT ck_rail_event_rail_known CHECK (rail IN ('cash', 'bank')),
  CONSTRAINT fk_rail_event_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_rail_event_batch ON rail_event (cooperative_id, batch_id);

CREATE TABLE voucher (
  code TEXT NOT NULL,
  amount_minor BIGINT,
  bps BIGINT,
  currency TEXT NOT NULL,
  least_minor BIGINT NOT NULL,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE,
  uses_most BIGINT,
  uses_most_each BIGINT,
  product_ids JSONB NOT NULL,
  used BIGINT NOT NULL,
  stopped_at TIMESTAMP WITH TIME ZONE,
  by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE cart (
  token_hash TEXT,
  person_id UUID,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cart PRIMARY KEY (id),
  CONSTRAINT uq_cart_token_hash UNIQUE (token_hash),
  CONSTRAINT uq_cart_person_id UNIQUE (person_id),
  CONSTRAINT ck_cart_one_holder CHECK ((token_hash IS NULL) <> (person_id IS NULL)),
  CONSTRAINT fk_cart_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE order_cycle (
  name TEXT NOT NULL,
  opens_at TIMESTAMP WITH TIME ZONE,
  closes_at TIMESTAMP WITH TIME ZONE,
  sells VARCHAR(9) NOT NULL,
  processed_at TIMESTAMP WITH TIME ZONE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_order_cycle PRIMARY KEY (id),
  CONSTRAINT uq_order_cycle_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT ck_order_cycle_named CHECK (name <> ''),
  CONSTRAINT ck_order_cycle_closes_after_opening CHECK (closes_at > opens_at),
  CONSTRAINT ck_order_cycle_sells_known CHECK (sells IN ('everybody', 'retail', 'wholesale')),
  CONSTRAINT fk_order_cycle_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_order_cycle_cooperative ON order_cycle (cooperative_id);

CREATE TABLE fee (
  thread_id UUID NOT NULL,
  version BIGINT NOT NULL,
  name TEXT NOT NULL,
  kind VARCHAR(9) NOT NULL,
  basis VARCHAR(12) NOT NULL,
  amount_minor BIGINT NOT NULL,
  bps BIGINT NOT NULL,
  more_minor BIGINT,
  items_most BIGINT,
  threshold_minor BIGINT,
  per_milligrams BIGINT NOT NULL,
  tax_class VARCHAR(8) NOT NULL,
  tax_included BOOLEAN NOT NULL,
  payable_to VARCHAR(11) NOT NULL,
  payee TEXT NOT NULL,
  currency TEXT NOT NULL,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE delivery_zone (
  name TEXT NOT NULL,
  places TEXT NOT NULL,
  fee_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_delivery_zone PRIMARY KEY (id),
  CONSTRAINT uq_delivery_zone_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_delivery_zone_cooperative_id_name UNIQUE (cooperative_id, name),
  CONSTRAINT ck_delivery_zone_named CHECK (name <> ''),
  CONSTRAINT fk_delivery_zone_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE provider_payout (
  reference TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  received_on DATE NOT NULL,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_provider_payout PRIMARY KEY (id),
  CONSTRAINT uq_provider_payout_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_provider_payout_cooperative_id_reference UNIQUE (cooperative_id, reference),
  CONSTRAINT ck_provider_payout_amount CHECK (amount_minor BETWEEN 1 AND 1000000000000000),
  CONSTRAINT ck_provider_payout_reference CHECK (length(reference) >= 1),
  CONSTRAINT fk_provider_payout_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_provider_payout_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE account (
  book_id UUID NOT NULL,
  code TEXT NOT NULL,
  owner_id UUID NOT NULL,
  subject_id UUID NOT NULL,
  guarded BOOLEAN NOT NULL,
  balance_minor BIGINT NOT NULL,
  pending_minor BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_account PRIMARY KEY (id),
  CONSTRAINT uq_account_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_account_book_id_code_owner_id_subject_id UNIQUE (book_id, code, owner_id, subject_id),
  CONSTRAINT fk_account_cooperative_id_book_id_book FOREIGN KEY(cooperative_id, book_id) REFERENCES book (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_account_pending CHECK (pending_minor >= 0),
  CONSTRAINT ck_account_guarded_never_below_zero CHECK (NOT guarded OR balance_minor - pending_minor >= 0),
  CONSTRAINT ck_account_only_guarded_cache CHECK (guarded OR (balance_minor = 0 AND pending_minor = 0)),
  CONSTRAINT fk_account_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_account_owner ON account (cooperative_id, code, owner_id);

CREATE TABLE cause (
  book_id UUID NOT NULL,
  kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  legs BIGINT NOT NULL,
  reverses_id UUID,
  reason TEXT NOT NULL,
  by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cause PRIMARY KEY (id),
  CONSTRAINT uq_cause_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_cause_book_id_kind_subject_id UNIQUE (book_id, kind, subject_id),
  CONSTRAINT fk_cause_cooperative_id_book_id_book FOREIGN KEY(cooperative_id, book_id) REFERENCES book (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cause_cooperative_id_reverses_id_cause FOREIGN KEY(cooperative_id, reverses_id) REFERENCES cause (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_cause_reverses_id UNIQUE (reverses_id),
  CONSTRAINT ck_cause_legs CHECK (legs >= 1),
  CONSTRAINT fk_cause_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_cause_subject ON cause (subject_id);

CREATE TABLE member (
  number BIGINT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT,
  person_id UUID,
  group_id UUID,
  joined_on DATE NOT NULL,
  left_on DATE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE product_photo (
  product_id UUID NOT NULL,
  key TEXT NOT NULL,
  alt TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_product_photo PRIMARY KEY (id),
  CONSTRAINT uq_product_photo_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_product_photo_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_product_photo_product_id UNIQUE (product_id),
  CONSTRAINT ck_product_photo_shown CHECK (length(key) = 64 AND length(alt) > 0),
  CONSTRAINT fk_product_photo_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE product_words (
  product_id UUID NOT NULL,
  language TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  storage TEXT NOT NULL,
  allergens TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_product_words PRIMARY KEY (id),
  CONSTRAINT uq_product_words_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_product_words_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_product_words_product_id_language UNIQUE (product_id, language),
  CONSTRAINT ck_product_words_language CHECK (language IN ('en', 'fr', 'es', 'sw', 'rw')),
  CONSTRAINT ck_product_words_says_something CHECK (name <> '' OR description <> '' OR storage <> '' OR allergens <> ''),
  CONSTRAINT fk_product_words_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE heap (
  product_id UUID NOT NULL,
  point_id UUID NOT NULL,
  grade TEXT NOT NULL,
  unit VARCHAR(2) NOT NULL,
  on_hand BIGINT NOT NULL,
  held BIGINT NOT NULL,
  oversell_limit BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE pool (
  product_id UUID NOT NULL,
  season TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revenue_basis VARCHAR(9) NOT NULL,
  currency TEXT NOT NULL,
  advance_minor BIGINT NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  closed_by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_pool PRIMARY KEY (id),
  CONSTRAINT uq_pool_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_pool_product_id_season UNIQUE (product_id, season),
  CONSTRAINT fk_pool_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_pool_advance CHECK (advance_minor >= 0 AND advance_minor <= 1000000000000000),
  CONSTRAINT ck_pool_closed_after_opened CHECK (closed_at IS NULL OR closed_at >= opened_at),
  CONSTRAINT ck_pool_season CHECK (length(season) > 0),
  CONSTRAINT ck_pool_revenue_basis_known CHECK (revenue_basis IN ('agent', 'principal')),
  CONSTRAINT fk_pool_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_pool_open ON pool (product_id) WHERE closed_at IS NULL;

CREATE TABLE listing (
  product_id UUID NOT NULL,
  number BIGINT NOT NULL,
  name TEXT NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  kind VARCHAR(21) NOT NULL,
  unit VARCHAR(2) NOT NULL,
  currency TEXT NOT NULL,
  per_minor BIGINT NOT NULL,
  band TEXT NOT NULL,
  county TEXT NOT NULL,
  certificates JSONB NOT NULL,
  is_sold_out BOOLEAN NOT NULL,
  listed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  weighed_on DATE NOT NULL,
  expires_on DATE NOT NULL,
  name_words TEXT NOT NULL,
  other_words TEXT NOT NULL,
  marks TEXT NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_listing PRIMARY KEY (id),
  CONSTRAINT uq_listing_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_listing_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT uq_listing_product_id UNIQUE (product_id),
  CONSTRAINT uq_listing_number UNIQUE (number),
  CONSTRAINT ck_listing_per_minor CHECK (per_minor >= 0),
  CONSTRAINT ck_listing_kind_known CHECK (kind IN ('cereals and tubers', 'vegetables and fruits', 'pulses and nuts', 'meat, fish and eggs', 'milk and dairy', 'oil and fats', 'coffee and tea', 'other food')),
  CONSTRAINT ck_listing_unit_known CHECK (unit IN ('g', 'ml', 'pc')),
  CONSTRAINT fk_listing_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_listing_best ON listing (is_sold_out, sort_name, number);

CREATE INDEX ix_listing_cooperative ON listing (cooperative_id);

CREATE INDEX ix_listing_freshest ON listing (weighed_on, number);

CREATE INDEX ix_listing_newest ON listing (listed_at, number);

CREATE INDEX ix_listing_price ON listing (currency, unit, per_minor, number);

CREATE INDEX ix_listing_soonest ON listing (expires_on, number);

CREATE TABLE payout_approval (
  run_id UUID NOT NULL,
  payments_sha256 TEXT NOT NULL,
  maker_id UUID NOT NULL,
  approver_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_payout_approval PRIMARY KEY (id),
  CONSTRAINT uq_payout_approval_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_payout_approval_run_id UNIQUE (run_id),
  CONSTRAINT fk_payout_approval_cooperative_id_run_id_payout_run FOREIGN KEY(cooperative_id, run_id) REFERENCES payout_run (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_payout_approval_second_person CHECK (approver_id <> maker_id),
  CONSTRAINT fk_payout_approval_maker_id_person FOREIGN KEY(maker_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_payout_approval_approver_id_person FOREIGN KEY(approver_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_payout_approval_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE payout_batch (
  run_id UUID NOT NULL,
  rail VARCHAR(4) NOT NULL,
  message_id TEXT NOT NULL,
  payments BIGINT NOT NULL,
  control_sum_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  file BYTEA,
  file_sha256 TEXT,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_payout_batch ON payout_batch (cooperative_id, created_at);

CREATE TABLE checkout (
  token_hash TEXT NOT NULL,
  request_key UUID NOT NULL,
  cart_id UUID,
  person_id UUID,
  company_id UUID,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  address TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_minor BIGINT NOT NULL,
  how VARCHAR(10) NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  language TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_checkout_cart ON checkout (cart_id);

CREATE INDEX ix_checkout_guest ON checkout (lower(email)) WHERE person_id IS NULL;

CREATE INDEX ix_checkout_person ON checkout (person_id);

CREATE TABLE cart_voucher (
  cart_id UUID NOT NULL,
  voucher_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cart_voucher PRIMARY KEY (id),
  CONSTRAINT uq_cart_voucher_cart_id_cooperative_id UNIQUE (cart_id, cooperative_id),
  CONSTRAINT fk_cart_voucher_cooperative_id_voucher_id_voucher FOREIGN KEY(cooperative_id, voucher_id) REFERENCES voucher (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_voucher_cart_id_cart FOREIGN KEY(cart_id) REFERENCES cart (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_voucher_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE cycle_goods (
  cycle_id UUID NOT NULL,
  product_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cycle_goods PRIMARY KEY (id),
  CONSTRAINT uq_cycle_goods_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_cycle_goods_cycle_id_product_id UNIQUE (cycle_id, product_id),
  CONSTRAINT fk_cycle_goods_cooperative_id_cycle_id_order_cycle FOREIGN KEY(cooperative_id, cycle_id) REFERENCES order_cycle (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cycle_goods_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cycle_goods_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE window_rule (
  point_id UUID,
  zone_id UUID,
  place TEXT NOT NULL,
  weekday BIGINT NOT NULL,
  from_minute BIGINT NOT NULL,
  to_minute BIGINT NOT NULL,
  cut_off_days BIGINT NOT NULL,
  cut_off_minute BIGINT NOT NULL,
  capacity BIGINT NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE transfer (
  cause_id UUID NOT NULL,
  leg BIGINT NOT NULL,
  debit_id UUID NOT NULL,
  credit_id UUID NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  phase VARCHAR(7) NOT NULL,
  resolves_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_transfer_credit ON transfer (credit_id);

CREATE INDEX ix_transfer_debit ON transfer (debit_id);

CREATE TABLE destination (
  member_id UUID NOT NULL,
  rail VARCHAR(4) NOT NULL,
  holder TEXT NOT NULL,
  bank_code TEXT,
  account TEXT,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_destination PRIMARY KEY (id),
  CONSTRAINT uq_destination_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_destination_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_destination_holder CHECK (holder <> ''),
  CONSTRAINT ck_destination_bank_has_an_account CHECK ((rail = 'bank') = (account IS NOT NULL AND bank_code IS NOT NULL)),
  CONSTRAINT ck_destination_rail_known CHECK (rail IN ('cash', 'bank')),
  CONSTRAINT fk_destination_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_destination_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_destination_member ON destination (cooperative_id, member_id, created_at);

CREATE TABLE invitation (
  token_hash BYTEA NOT NULL,
  email TEXT NOT NULL,
  role VARCHAR(9),
  member_id UUID,
  sent_by_id UUID NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  accepted_at TIMESTAMP WITH TIME ZONE,
  accepted_by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_invitation_cooperative ON invitation (cooperative_id, created_at);

CREATE TABLE share_subscription (
  member_id UUID NOT NULL,
  shares BIGINT NOT NULL,
  par_minor BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  paid_from VARCHAR(8) NOT NULL,
  applied_by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_share_subscription PRIMARY KEY (id),
  CONSTRAINT uq_share_subscription_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_share_subscription_cooperative_id_id_applied_by_id UNIQUE (cooperative_id, id, applied_by_id),
  CONSTRAINT fk_share_subscription_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_share_subscription_shares CHECK (shares > 0 AND par_minor > 0),
  CONSTRAINT ck_share_subscription_amount CHECK (amount_minor = shares * par_minor),
  CONSTRAINT ck_share_subscription_paid_from_known CHECK (paid_from IN ('bank', 'proceeds')),
  CONSTRAINT fk_share_subscription_applied_by_id_person FOREIGN KEY(applied_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_share_subscription_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE hold (
  heap_id UUID NOT NULL,
  quantity BIGINT NOT NULL,
  consumed BIGINT NOT NULL,
  cause_id UUID NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  ended_how VARCHAR(8),
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_hold PRIMARY KEY (id),
  CONSTRAINT uq_hold_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_hold_cooperative_id_heap_id_heap FOREIGN KEY(cooperative_id, heap_id) REFERENCES heap (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_hold_consumed CHECK (quantity > 0 AND consumed >= 0 AND consumed <= quantity),
  CONSTRAINT ck_hold_ended_together CHECK ((ended_at IS NULL) = (ended_how IS NULL)),
  CONSTRAINT ck_hold_consumed_whole CHECK (ended_how <> 'consumed' OR consumed = quantity),
  CONSTRAINT ck_hold_ended_how_known CHECK (ended_how IN ('released', 'consumed')),
  CONSTRAINT fk_hold_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_hold_cause ON hold (cause_id);

CREATE INDEX ix_hold_expiry ON hold (expires_at) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX uq_hold_live ON hold (heap_id, cause_id) WHERE ended_at IS NULL;

CREATE TABLE lot (
  number BIGINT NOT NULL,
  pool_id UUID NOT NULL,
  heap_id UUID NOT NULL,
  good_from DATE NOT NULL,
  expires_on DATE,
  quantity_left BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_lot PRIMARY KEY (id),
  CONSTRAINT uq_lot_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_lot_cooperative_id_number UNIQUE (cooperative_id, number),
  CONSTRAINT uq_lot_pool_id_heap_id_good_from UNIQUE (pool_id, heap_id, good_from),
  CONSTRAINT fk_lot_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_lot_cooperative_id_heap_id_heap FOREIGN KEY(cooperative_id, heap_id) REFERENCES heap (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_lot_quantity_left CHECK (quantity_left >= 0),
  CONSTRAINT ck_lot_expires_on CHECK (expires_on IS NULL OR expires_on >= good_from),
  CONSTRAINT fk_lot_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_lot_heap ON lot (heap_id);

CREATE TABLE pack (
  heap_id UUID NOT NULL,
  product_id UUID NOT NULL,
  name TEXT NOT NULL,
  sku TEXT NOT NULL,
  content BIGINT NOT NULL,
  is_listed BOOLEAN NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_pack PRIMARY KEY (id),
  CONSTRAINT uq_pack_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_pack_cooperative_id_sku UNIQUE (cooperative_id, sku),
  CONSTRAINT fk_pack_cooperative_id_heap_id_heap FOREIGN KEY(cooperative_id, heap_id) REFERENCES heap (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_pack_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_pack_content CHECK (content > 0 AND content <= 1000000000000),
  CONSTRAINT ck_pack_named CHECK (length(name) > 0),
  CONSTRAINT fk_pack_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_pack_heap ON pack (heap_id);

CREATE INDEX ix_pack_product ON pack (product_id);

CREATE TABLE pool_split (
  pool_id UUID NOT NULL,
  product_id UUID NOT NULL,
  season TEXT NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  currency TEXT NOT NULL,
  whole_minor BIGINT NOT NULL,
  growers_minor BIGINT NOT NULL,
  cooperative_minor BIGINT NOT NULL,
  transport_minor BIGINT NOT NULL,
  fees_minor BIGINT NOT NULL,
  waiting_minor BIGINT NOT NULL,
  lost_minor BIGINT NOT NULL,
  growers BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_pool_split PRIMARY KEY (id),
  CONSTRAINT uq_pool_split_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_pool_split_pool_id UNIQUE (pool_id),
  CONSTRAINT fk_pool_split_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_pool_split_cooperative_id_product_id_product FOREIGN KEY(cooperative_id, product_id) REFERENCES product (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_pool_split_all_told CHECK (growers_minor + cooperative_minor + transport_minor + fees_minor + waiting_minor = whole_minor + lost_minor),
  CONSTRAINT ck_pool_split_signs CHECK (growers_minor >= 0 AND cooperative_minor >= 0 AND transport_minor >= 0 AND fees_minor >= 0 AND waiting_minor >= 0 AND lost_minor >= 0 AND growers >= 0),
  CONSTRAINT fk_pool_split_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_pool_split_product ON pool_split (product_id, closed_at);

CREATE TABLE settlement (
  pool_id UUID NOT NULL,
  bylaw_id UUID NOT NULL,
  recorded JSONB NOT NULL,
  version BIGINT NOT NULL,
  prepared_by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_settlement PRIMARY KEY (id),
  CONSTRAINT uq_settlement_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_pool_id UNIQUE (pool_id),
  CONSTRAINT fk_settlement_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_cooperative_id_bylaw_id_bylaw FOREIGN KEY(cooperative_id, bylaw_id) REFERENCES bylaw (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_prepared_by_id_person FOREIGN KEY(prepared_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE card_payment (
  checkout_id UUID NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  state VARCHAR(7) NOT NULL,
  session_ref TEXT,
  payment_ref TEXT,
  url TEXT,
  tries BIGINT NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  paid_at TIMESTAMP WITH TIME ZONE,
  fee_minor BIGINT,
  trouble TEXT NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_card_payment_state ON card_payment (state);

CREATE TABLE collection_window (
  point_id UUID,
  zone_id UUID,
  rule_id UUID,
  day DATE NOT NULL,
  place TEXT NOT NULL,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  cut_off_at TIMESTAMP WITH TIME ZONE NOT NULL,
  capacity BIGINT NOT NULL,
  booked BIGINT NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_collection_window_start ON collection_window (cooperative_id, starts_at);

CREATE TABLE share_approval (
  subscription_id UUID NOT NULL,
  applied_by_id UUID NOT NULL,
  approved_by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_share_approval PRIMARY KEY (id),
  CONSTRAINT uq_share_approval_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_share_approval_subscription_id UNIQUE (subscription_id),
  CONSTRAINT fk_share_approval_cooperative_id_subscription_id_applie_ab86 FOREIGN KEY(cooperative_id, subscription_id, applied_by_id) REFERENCES share_subscription (cooperative_id, id, applied_by_id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_share_approval_second_person CHECK (approved_by_id <> applied_by_id),
  CONSTRAINT fk_share_approval_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_share_approval_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE delivery (
  receipt_no BIGINT NOT NULL,
  member_id UUID NOT NULL,
  point_id UUID NOT NULL,
  product_id UUID NOT NULL,
  grade TEXT NOT NULL,
  gross BIGINT NOT NULL,
  tare BIGINT NOT NULL,
  net BIGINT NOT NULL,
  pool_id UUID NOT NULL,
  lot_id UUID NOT NULL,
  collector_id UUID NOT NULL,
  delivered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  device_at TIMESTAMP WITH TIME ZONE,
  advance_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_delivery_day ON delivery (cooperative_id, delivered_at);

CREATE INDEX ix_delivery_member ON delivery (member_id);

CREATE INDEX ix_delivery_pool_member ON delivery (pool_id, member_id);

CREATE TABLE ladder (
  price_list_id UUID NOT NULL,
  pack_id UUID NOT NULL,
  mode VARCHAR(9) NOT NULL,
  counted_on VARCHAR(7) NOT NULL,
  mix_group TEXT NOT NULL,
  quantity_min BIGINT NOT NULL,
  quantity_max BIGINT,
  increment BIGINT NOT NULL,
  per_content BIGINT NOT NULL,
  version BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_ladder_pack ON ladder (pack_id);

CREATE TABLE instruction (
  obligation_id UUID NOT NULL,
  run_id UUID NOT NULL,
  attempt BIGINT NOT NULL,
  position BIGINT NOT NULL,
  reference TEXT NOT NULL,
  rail VARCHAR(4) NOT NULL,
  holder TEXT NOT NULL,
  bank_code TEXT,
  account TEXT,
  payee_number BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  state VARCHAR(9) NOT NULL,
  batch_id UUID,
  transfer_id UUID,
  sent_at TIMESTAMP WITH TIME ZONE,
  moved_at TIMESTAMP WITH TIME ZONE,
  reason TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_instruction_batch ON instruction (cooperative_id, batch_id);

CREATE INDEX ix_instruction_run ON instruction (cooperative_id, run_id, position);

CREATE UNIQUE INDEX uq_instruction_one_live ON instruction (obligation_id) WHERE state NOT IN ('failed', 'returned', 'cancelled');

CREATE TABLE claim (
  settlement_id UUID NOT NULL,
  pool_id UUID NOT NULL,
  member_id UUID NOT NULL,
  member_number BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  claim_minor BIGINT NOT NULL,
  due_minor BIGINT NOT NULL,
  carried_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_claim PRIMARY KEY (id),
  CONSTRAINT uq_claim_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_claim_settlement_id_member_id UNIQUE (settlement_id, member_id),
  CONSTRAINT fk_claim_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_claim_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_claim_cooperative_id_member_id_member FOREIGN KEY(cooperative_id, member_id) REFERENCES member (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_claim_due CHECK (claim_minor >= 0 AND due_minor >= 0 AND due_minor <= claim_minor),
  CONSTRAINT ck_claim_carried CHECK (carried_minor >= 0 AND (carried_minor = 0 OR due_minor = 0)),
  CONSTRAINT fk_claim_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_claim_member ON claim (cooperative_id, member_id);

CREATE TABLE settlement_approval (
  settlement_id UUID NOT NULL,
  inputs_sha256 TEXT NOT NULL,
  preparer_id UUID NOT NULL,
  approver_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_settlement_approval PRIMARY KEY (id),
  CONSTRAINT uq_settlement_approval_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_approval_settlement_id_inputs_sha256_preparer_id UNIQUE (settlement_id, inputs_sha256, preparer_id),
  CONSTRAINT fk_settlement_approval_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_settlement_approval_second_person CHECK (approver_id <> preparer_id),
  CONSTRAINT fk_settlement_approval_preparer_id_person FOREIGN KEY(preparer_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_approval_approver_id_person FOREIGN KEY(approver_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_approval_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE settlement_line (
  settlement_id UUID NOT NULL,
  position BIGINT NOT NULL,
  step BIGINT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  words TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  left_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_settlement_line PRIMARY KEY (id),
  CONSTRAINT uq_settlement_line_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_line_settlement_id_position UNIQUE (settlement_id, position),
  CONSTRAINT fk_settlement_line_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_settlement_line_step CHECK (step BETWEEN 1 AND 8),
  CONSTRAINT fk_settlement_line_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_settlement_line ON settlement_line (cooperative_id, settlement_id);

CREATE TABLE customer_order (
  number BIGINT NOT NULL,
  checkout_id UUID NOT NULL,
  point_id UUID NOT NULL,
  window_id UUID,
  channel VARCHAR(9) NOT NULL,
  currency TEXT NOT NULL,
  total_minor BIGINT NOT NULL,
  tax_mode VARCHAR(21) NOT NULL,
  tax_minor BIGINT NOT NULL,
  taxes JSONB NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_customer_order_window ON customer_order (window_id);

CREATE TABLE cart_window (
  cart_id UUID NOT NULL,
  window_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cart_window PRIMARY KEY (id),
  CONSTRAINT uq_cart_window_cart_id_cooperative_id UNIQUE (cart_id, cooperative_id),
  CONSTRAINT fk_cart_window_cooperative_id_window_id_collection_window FOREIGN KEY(cooperative_id, window_id) REFERENCES collection_window (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_window_cart_id_cart FOREIGN KEY(cart_id) REFERENCES cart (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_window_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE cart_line (
  cart_id UUID NOT NULL,
  pack_id UUID NOT NULL,
  quantity BIGINT NOT NULL,
  seen_minor BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cart_line PRIMARY KEY (id),
  CONSTRAINT uq_cart_line_cart_id_pack_id UNIQUE (cart_id, pack_id),
  CONSTRAINT fk_cart_line_cooperative_id_pack_id_pack FOREIGN KEY(cooperative_id, pack_id) REFERENCES pack (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_cart_line_quantity CHECK (quantity BETWEEN 1 AND 10000),
  CONSTRAINT ck_cart_line_seen CHECK (seen_minor >= 0),
  CONSTRAINT fk_cart_line_cart_id_cart FOREIGN KEY(cart_id) REFERENCES cart (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cart_line_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE lot_move (
  lot_id UUID NOT NULL,
  kind VARCHAR(7) NOT NULL,
  quantity BIGINT NOT NULL,
  delivery_id UUID,
  cause_id UUID,
  channel VARCHAR(9),
  net_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_lot_move_cause ON lot_move (cause_id);

CREATE INDEX ix_lot_move_lot ON lot_move (lot_id);

CREATE UNIQUE INDEX uq_lot_move_sell ON lot_move (lot_id, cause_id) WHERE kind = 'sell';

CREATE TABLE rung (
  ladder_id UUID NOT NULL,
  quantity_min BIGINT NOT NULL,
  unit_price_minor BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_rung PRIMARY KEY (id),
  CONSTRAINT uq_rung_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_rung_ladder_id_quantity_min UNIQUE (ladder_id, quantity_min),
  CONSTRAINT fk_rung_cooperative_id_ladder_id_ladder FOREIGN KEY(cooperative_id, ladder_id) REFERENCES ladder (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_rung_quantity_min CHECK (quantity_min >= 1),
  CONSTRAINT ck_rung_unit_price CHECK (unit_price_minor >= 0 AND unit_price_minor <= 1000000000000000),
  CONSTRAINT fk_rung_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE claim_line (
  claim_id UUID NOT NULL,
  position BIGINT NOT NULL,
  step BIGINT NOT NULL,
  name TEXT NOT NULL,
  words TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  left_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_claim_line PRIMARY KEY (id),
  CONSTRAINT uq_claim_line_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_claim_line_claim_id_position UNIQUE (claim_id, position),
  CONSTRAINT fk_claim_line_cooperative_id_claim_id_claim FOREIGN KEY(cooperative_id, claim_id) REFERENCES claim (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_claim_line_step CHECK (step BETWEEN 8 AND 19),
  CONSTRAINT fk_claim_line_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE settlement_close (
  settlement_id UUID NOT NULL,
  pool_id UUID NOT NULL,
  approval_id UUID NOT NULL,
  inputs_sha256 TEXT NOT NULL,
  sold_minor BIGINT NOT NULL,
  refunded_minor BIGINT NOT NULL,
  loss_minor BIGINT NOT NULL,
  given_minor BIGINT NOT NULL,
  claims_minor BIGINT NOT NULL,
  members BIGINT NOT NULL,
  currency TEXT NOT NULL,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_settlement_close PRIMARY KEY (id),
  CONSTRAINT uq_settlement_close_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_settlement_close_settlement_id UNIQUE (settlement_id),
  CONSTRAINT uq_settlement_close_pool_id UNIQUE (pool_id),
  CONSTRAINT fk_settlement_close_cooperative_id_settlement_id_settlement FOREIGN KEY(cooperative_id, settlement_id) REFERENCES settlement (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_close_cooperative_id_pool_id_pool FOREIGN KEY(cooperative_id, pool_id) REFERENCES pool (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_close_cooperative_id_approval_id_settleme_056a FOREIGN KEY(cooperative_id, approval_id) REFERENCES settlement_approval (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_settlement_close_all_given_away CHECK (sold_minor - refunded_minor + loss_minor = given_minor + claims_minor),
  CONSTRAINT ck_settlement_close_signs CHECK (sold_minor >= 0 AND refunded_minor >= 0 AND loss_minor >= 0 AND claims_minor >= 0),
  CONSTRAINT fk_settlement_close_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_settlement_close_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE checkout_part (
  checkout_id UUID NOT NULL,
  order_id UUID NOT NULL,
  total_minor BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_checkout_part PRIMARY KEY (id),
  CONSTRAINT uq_checkout_part_checkout_id_cooperative_id UNIQUE (checkout_id, cooperative_id),
  CONSTRAINT uq_checkout_part_order_id UNIQUE (order_id),
  CONSTRAINT fk_checkout_part_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_checkout_part_total CHECK (total_minor >= 0),
  CONSTRAINT fk_checkout_part_checkout_id_checkout FOREIGN KEY(checkout_id) REFERENCES checkout (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_checkout_part_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE order_fee (
  order_id UUID NOT NULL,
  fee_id UUID NOT NULL,
  name TEXT NOT NULL,
  kind VARCHAR(9) NOT NULL,
  rule TEXT NOT NULL,
  payable_to VARCHAR(11) NOT NULL,
  payee TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  added_minor BIGINT NOT NULL,
  tax_minor BIGINT NOT NULL,
  discount_minor BIGINT NOT NULL,
  discount_tax_minor BIGINT NOT NULL,
  refunded_minor BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE order_gift (
  order_id UUID NOT NULL,
  voucher_id UUID,
  fee_id UUID,
  words TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  returned_at TIMESTAMP WITH TIME ZONE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_order_gift PRIMARY KEY (id),
  CONSTRAINT uq_order_gift_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_order_gift_order_id_voucher_id UNIQUE (order_id, voucher_id),
  CONSTRAINT fk_order_gift_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_gift_cooperative_id_voucher_id_voucher FOREIGN KEY(cooperative_id, voucher_id) REFERENCES voucher (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_gift_cooperative_id_fee_id_fee FOREIGN KEY(cooperative_id, fee_id) REFERENCES fee (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_order_gift_amount CHECK (amount_minor >= 1),
  CONSTRAINT ck_order_gift_one_reason CHECK ((voucher_id IS NULL) <> (fee_id IS NULL)),
  CONSTRAINT fk_order_gift_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_order_gift_voucher ON order_gift (cooperative_id, voucher_id);

CREATE TABLE order_line (
  order_id UUID NOT NULL,
  pack_id UUID NOT NULL,
  heap_id UUID NOT NULL,
  name TEXT NOT NULL,
  quantity BIGINT NOT NULL,
  content BIGINT NOT NULL,
  unit VARCHAR(2) NOT NULL,
  unit_price_minor BIGINT NOT NULL,
  line_minor BIGINT NOT NULL,
  because TEXT NOT NULL,
  currency TEXT NOT NULL,
  added_minor BIGINT NOT NULL,
  tax_minor BIGINT NOT NULL,
  discount_minor BIGINT NOT NULL,
  discount_tax_minor BIGINT NOT NULL,
  refunded_minor BIGINT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE picking (
  order_id UUID NOT NULL,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_picking PRIMARY KEY (id),
  CONSTRAINT uq_picking_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_picking_order_id UNIQUE (order_id),
  CONSTRAINT fk_picking_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_picking_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_picking_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE collection (
  order_id UUID NOT NULL,
  cash_minor BIGINT,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_collection PRIMARY KEY (id),
  CONSTRAINT uq_collection_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_collection_order_id UNIQUE (order_id),
  CONSTRAINT fk_collection_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_collection_cash CHECK (cash_minor >= 0),
  CONSTRAINT fk_collection_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_collection_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE cancellation (
  order_id UUID NOT NULL,
  reason TEXT NOT NULL,
  by_id UUID,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cancellation PRIMARY KEY (id),
  CONSTRAINT uq_cancellation_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_cancellation_order_id UNIQUE (order_id),
  CONSTRAINT fk_cancellation_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cancellation_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_cancellation_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_cancellation_cooperative ON cancellation (cooperative_id);

CREATE TABLE invoice (
  number BIGINT NOT NULL,
  order_id UUID NOT NULL,
  company_id UUID NOT NULL,
  currency TEXT NOT NULL,
  total_minor BIGINT NOT NULL,
  issued_on DATE NOT NULL,
  due_on DATE NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_invoice_company ON invoice (cooperative_id, company_id);

CREATE TABLE paper (
  kind VARCHAR(11) NOT NULL,
  number BIGINT NOT NULL,
  order_id UUID NOT NULL,
  cause_id UUID NOT NULL,
  language TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  pdf BYTEA NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_paper_order ON paper (cooperative_id, order_id);

CREATE TABLE order_change (
  order_id UUID NOT NULL,
  new_order_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_order_change PRIMARY KEY (id),
  CONSTRAINT uq_order_change_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_order_change_order_id UNIQUE (order_id),
  CONSTRAINT uq_order_change_new_order_id UNIQUE (new_order_id),
  CONSTRAINT fk_order_change_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_order_change_cooperative_id_new_order_id_customer_order FOREIGN KEY(cooperative_id, new_order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_order_change_another CHECK (order_id <> new_order_id),
  CONSTRAINT fk_order_change_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE refund (
  order_id UUID NOT NULL,
  line_id UUID,
  fee_id UUID,
  request_key UUID NOT NULL,
  way VARCHAR(11) NOT NULL,
  amount_minor BIGINT NOT NULL,
  tax_minor BIGINT NOT NULL,
  gift_minor BIGINT NOT NULL,
  goodwill BOOLEAN NOT NULL,
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_id UUID,
  state VARCHAR(7) NOT NULL,
  attempt BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  provider_ref TEXT,
  sent_at TIMESTAMP WITH TIME ZONE,
  paid_at TIMESTAMP WITH TIME ZONE,
  trouble TEXT NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE INDEX ix_refund_order ON refund (cooperative_id, order_id);

CREATE INDEX ix_refund_state ON refund (state);

CREATE TABLE complaint (
  order_id UUID NOT NULL,
  line_id UUID NOT NULL,
  kind VARCHAR(7) NOT NULL,
  quantity BIGINT NOT NULL,
  words TEXT NOT NULL,
  by_id UUID,
  answered_at TIMESTAMP WITH TIME ZONE,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_complaint PRIMARY KEY (id),
  CONSTRAINT uq_complaint_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT fk_complaint_cooperative_id_order_id_customer_order FOREIGN KEY(cooperative_id, order_id) REFERENCES customer_order (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_complaint_cooperative_id_line_id_order_line FOREIGN KEY(cooperative_id, line_id) REFERENCES order_line (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_complaint_quantity CHECK (quantity >= 1),
  CONSTRAINT ck_complaint_words CHECK (length(words) >= 1),
  CONSTRAINT ck_complaint_kind_known CHECK (kind IN ('spoiled', 'short', 'wrong', 'missing')),
  CONSTRAINT fk_complaint_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_complaint_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_complaint_order ON complaint (cooperative_id, order_id);

CREATE UNIQUE INDEX uq_complaint_open ON complaint (line_id) WHERE answered_at IS NULL;

CREATE TABLE bank_receipt (
  invoice_id UUID NOT NULL,
  reference TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  received_on DATE NOT NULL,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_bank_receipt PRIMARY KEY (id),
  CONSTRAINT uq_bank_receipt_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_bank_receipt_cooperative_id_reference UNIQUE (cooperative_id, reference),
  CONSTRAINT fk_bank_receipt_cooperative_id_invoice_id_invoice FOREIGN KEY(cooperative_id, invoice_id) REFERENCES invoice (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_bank_receipt_amount CHECK (amount_minor BETWEEN 1 AND 1000000000000000),
  CONSTRAINT ck_bank_receipt_reference CHECK (length(reference) >= 1),
  CONSTRAINT fk_bank_receipt_by_id_person FOREIGN KEY(by_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bank_receipt_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE complaint_answer (
  complaint_id UUID NOT NULL,
  outcome VARCHAR(8) NOT NULL,
  words TEXT NOT NULL,
  quantity BIGINT,
  amount_minor BIGINT,
  currency TEXT NOT NULL,
  refund_id UUID,
  by_id UUID NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
);

CREATE TABLE complaint_photo (
  complaint_id UUID NOT NULL,
  sha256 TEXT NOT NULL,
  webp BYTEA NOT NULL,
  cooperative_id UUID NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_complaint_photo PRIMARY KEY (id),
  CONSTRAINT uq_complaint_photo_cooperative_id_id UNIQUE (cooperative_id, id),
  CONSTRAINT uq_complaint_photo_complaint_id UNIQUE (complaint_id),
  CONSTRAINT fk_complaint_photo_cooperative_id_complaint_id_complaint FOREIGN KEY(cooperative_id, complaint_id) REFERENCES complaint (cooperative_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ck_complaint_photo_sha256 CHECK (length(sha256) = 64),
  CONSTRAINT ck_complaint_photo_webp CHECK (length(webp) BETWEEN 1 AND 400000),
  CONSTRAINT fk_complaint_photo_cooperative_id_cooperative FOREIGN KEY(cooperative_id) REFERENCES cooperative (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE OR REPLACE FUNCTION seen_cooperatives() RETURNS uuid[] LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN coalesce(current_setting('app.cooperatives', true), '') = '' THEN '{}'::uuid[]
         ELSE string_to_array(current_setting('app.cooperatives', true), ',')::uuid[] END $$;

CREATE OR REPLACE FUNCTION seeing_person() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('app.person', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION count_street_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose uuid; mine bigint := pg_current_xact_id()::text::bigint;
BEGIN
  whose := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ->> TG_ARGV[0] ELSE to_jsonb(NEW) ->> TG_ARGV[0] END;
  INSERT INTO street_change AS s (id, created_at, changes, transaction_no) VALUES (whose, now(), 1, mine)
  ON CONFLICT (id) DO UPDATE SET changes = s.changes + 1, transaction_no = mine WHERE s.transaction_no <> mine;
  RETURN NULL; END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON "account" TO good_measure_app, good_measure_worker;

CREATE TRIGGER account_frozen BEFORE UPDATE ON "account" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.book_id IS DISTINCT FROM NEW.book_id OR OLD.code IS DISTINCT FROM NEW.code OR OLD.owner_id IS DISTINCT FROM NEW.owner_id OR OLD.subject_id IS DISTINCT FROM NEW.subject_id OR OLD.guarded IS DISTINCT FROM NEW.guarded) EXECUTE FUNCTION refuse_change();

ALTER TABLE "account" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "account" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "account" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "account" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "account_link" TO good_measure_app, good_measure_worker;

CREATE TRIGGER account_link_frozen BEFORE UPDATE ON "account_link" FOR EACH ROW WHEN (OLD.token_hash IS DISTINCT FROM NEW.token_hash OR OLD.purpose IS DISTINCT FROM NEW.purpose OR OLD.expires_at IS DISTINCT FROM NEW.expires_at) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON "alarm" TO good_measure_app, good_measure_worker;

CREATE TRIGGER alarm_no_change BEFORE UPDATE OR DELETE ON "alarm" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER alarm_no_truncate BEFORE TRUNCATE ON "alarm" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON "bank_account" TO good_measure_app, good_measure_worker;

CREATE TRIGGER bank_account_no_change BEFORE UPDATE OR DELETE ON "bank_account" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER bank_account_no_truncate BEFORE TRUNCATE ON "bank_account" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "bank_account" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "bank_account" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "bank_account" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "bank_account" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "bank_receipt" TO good_measure_app, good_measure_worker;

CREATE TRIGGER bank_receipt_no_change BEFORE UPDATE OR DELETE ON "bank_receipt" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER bank_receipt_no_truncate BEFORE TRUNCATE ON "bank_receipt" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "bank_receipt" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "bank_receipt" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "bank_receipt" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "bank_receipt" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "book" TO good_measure_app, good_measure_worker;

CREATE TRIGGER book_frozen BEFORE UPDATE ON "book" FOR EACH ROW WHEN (OLD.currency IS DISTINCT FROM NEW.currency OR OLD.decimals IS DISTINCT FROM NEW.decimals OR OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.group_id IS DISTINCT FROM NEW.group_id) EXECUTE FUNCTION refuse_change();

ALTER TABLE "book" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "book" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "book" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "book" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "bylaw" TO good_measure_app, good_measure_worker;

CREATE TRIGGER bylaw_no_change BEFORE UPDATE OR DELETE ON "bylaw" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER bylaw_no_truncate BEFORE TRUNCATE ON "bylaw" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "bylaw" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "bylaw" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "bylaw" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "bylaw" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "bylaw" FOR SELECT TO good_measure_app USING (kind = 'taxes');

GRANT SELECT, INSERT ON "cancellation" TO good_measure_app, good_measure_worker;

CREATE TRIGGER cancellation_no_change BEFORE UPDATE OR DELETE ON "cancellation" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER cancellation_no_truncate BEFORE TRUNCATE ON "cancellation" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "cancellation" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "cancellation" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "cancellation" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "cancellation" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "card_payment" TO good_measure_app, good_measure_worker;

CREATE TRIGGER card_payment_frozen BEFORE UPDATE ON "card_payment" FOR EACH ROW WHEN (OLD.checkout_id IS DISTINCT FROM NEW.checkout_id OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "cart" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "cart_line" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "cart_voucher" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "cart_window" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT ON "cause" TO good_measure_app, good_measure_worker;

CREATE TRIGGER cause_no_change BEFORE UPDATE OR DELETE ON "cause" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER cause_no_truncate BEFORE TRUNCATE ON "cause" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "cause" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "cause" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "cause" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "cause" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE TRIGGER checkout_buyer_stays BEFORE UPDATE ON checkout FOR EACH ROW WHEN (OLD.person_id IS NOT NULL AND OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "checkout" TO good_measure_app, good_measure_worker;

CREATE TRIGGER checkout_frozen BEFORE UPDATE ON "checkout" FOR EACH ROW WHEN (OLD.token_hash IS DISTINCT FROM NEW.token_hash OR OLD.request_key IS DISTINCT FROM NEW.request_key OR OLD.company_id IS DISTINCT FROM NEW.company_id OR (OLD.email IS DISTINCT FROM NEW.email AND length(NEW.email) > 1) OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.total_minor IS DISTINCT FROM NEW.total_minor OR OLD.how IS DISTINCT FROM NEW.how OR OLD.expires_at IS DISTINCT FROM NEW.expires_at OR OLD.language IS DISTINCT FROM NEW.language) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON "checkout_part" TO good_measure_app, good_measure_worker;

CREATE TRIGGER checkout_part_no_change BEFORE UPDATE OR DELETE ON "checkout_part" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER checkout_part_no_truncate BEFORE TRUNCATE ON "checkout_part" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON "claim" TO good_measure_app, good_measure_worker;

CREATE TRIGGER claim_no_change BEFORE UPDATE OR DELETE ON "claim" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER claim_no_truncate BEFORE TRUNCATE ON "claim" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "claim" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "claim" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "claim" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "claim" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "claim_line" TO good_measure_app, good_measure_worker;

CREATE TRIGGER claim_line_no_change BEFORE UPDATE OR DELETE ON "claim_line" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER claim_line_no_truncate BEFORE TRUNCATE ON "claim_line" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "claim_line" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "claim_line" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "claim_line" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "claim_line" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "collection" TO good_measure_app, good_measure_worker;

CREATE TRIGGER collection_no_change BEFORE UPDATE OR DELETE ON "collection" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER collection_no_truncate BEFORE TRUNCATE ON "collection" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "collection" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "collection" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "collection" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "collection" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "collection_point" TO good_measure_app, good_measure_worker;

CREATE CONSTRAINT TRIGGER collection_point_street_rows AFTER INSERT OR DELETE ON "collection_point" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER collection_point_street_update AFTER UPDATE ON "collection_point" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "collection_point" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "collection_point" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "collection_point" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "collection_point" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "collection_point" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "collection_window" TO good_measure_app, good_measure_worker;

CREATE TRIGGER collection_window_frozen BEFORE UPDATE ON "collection_window" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.point_id IS DISTINCT FROM NEW.point_id OR OLD.zone_id IS DISTINCT FROM NEW.zone_id OR OLD.rule_id IS DISTINCT FROM NEW.rule_id OR OLD.day IS DISTINCT FROM NEW.day OR OLD.place IS DISTINCT FROM NEW.place OR OLD.starts_at IS DISTINCT FROM NEW.starts_at OR OLD.ends_at IS DISTINCT FROM NEW.ends_at OR OLD.cut_off_at IS DISTINCT FROM NEW.cut_off_at) EXECUTE FUNCTION refuse_change();

CREATE FUNCTION collection_window_seen_differently(old "collection_window", new "collection_window") RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT (old.booked >= old.capacity) <> (new.booked >= new.capacity) OR (old.closed_at IS NULL) <> (new.closed_at IS NULL) $$;

CREATE CONSTRAINT TRIGGER collection_window_street_rows AFTER INSERT OR DELETE ON "collection_window" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER collection_window_street_update AFTER UPDATE ON "collection_window" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (collection_window_seen_differently(OLD, NEW)) EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "collection_window" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "collection_window" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "collection_window" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "collection_window" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "collection_window" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "company" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "company_person" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "complaint" TO good_measure_app, good_measure_worker;

CREATE TRIGGER complaint_frozen BEFORE UPDATE ON "complaint" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.order_id IS DISTINCT FROM NEW.order_id OR OLD.line_id IS DISTINCT FROM NEW.line_id OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD.quantity IS DISTINCT FROM NEW.quantity OR (OLD.words IS DISTINCT FROM NEW.words AND length(NEW.words) > 1) OR OLD.by_id IS DISTINCT FROM NEW.by_id) EXECUTE FUNCTION refuse_change();

ALTER TABLE "complaint" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "complaint" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "complaint" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "complaint" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "complaint_answer" TO good_measure_app, good_measure_worker;

CREATE TRIGGER complaint_answer_no_change BEFORE UPDATE OR DELETE ON "complaint_answer" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER complaint_answer_no_truncate BEFORE TRUNCATE ON "complaint_answer" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "complaint_answer" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "complaint_answer" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "complaint_answer" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "complaint_answer" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "complaint_photo" TO good_measure_app, good_measure_worker;

CREATE TRIGGER complaint_photo_no_change BEFORE UPDATE OR DELETE ON "complaint_photo" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER complaint_photo_no_truncate BEFORE TRUNCATE ON "complaint_photo" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "complaint_photo" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "complaint_photo" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "complaint_photo" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "complaint_photo" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "cooperative" TO good_measure_app, good_measure_worker;

CREATE TRIGGER cooperative_frozen BEFORE UPDATE ON "cooperative" FOR EACH ROW WHEN (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER cooperative_street_rows AFTER INSERT OR DELETE ON "cooperative" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('id');

CREATE CONSTRAINT TRIGGER cooperative_street_update AFTER UPDATE ON "cooperative" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('id');

GRANT SELECT, INSERT, UPDATE, DELETE ON "customer_order" TO good_measure_app, good_measure_worker;

CREATE TRIGGER customer_order_frozen BEFORE UPDATE ON "customer_order" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.number IS DISTINCT FROM NEW.number OR OLD.checkout_id IS DISTINCT FROM NEW.checkout_id OR OLD.point_id IS DISTINCT FROM NEW.point_id OR OLD.window_id IS DISTINCT FROM NEW.window_id OR OLD.channel IS DISTINCT FROM NEW.channel OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.total_minor IS DISTINCT FROM NEW.total_minor OR OLD.tax_mode IS DISTINCT FROM NEW.tax_mode OR OLD.tax_minor IS DISTINCT FROM NEW.tax_minor OR OLD.taxes IS DISTINCT FROM NEW.taxes) EXECUTE FUNCTION refuse_change();

ALTER TABLE "customer_order" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "customer_order" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "customer_order" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "customer_order" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY own_row ON "customer_order" FOR SELECT TO good_measure_app USING (EXISTS (SELECT 1 FROM checkout c WHERE c.id = checkout_id AND c.person_id = seeing_person()));

GRANT SELECT, INSERT, UPDATE, DELETE ON "cycle_goods" TO good_measure_app, good_measure_worker;

CREATE CONSTRAINT TRIGGER cycle_goods_street_rows AFTER INSERT OR DELETE ON "cycle_goods" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER cycle_goods_street_update AFTER UPDATE ON "cycle_goods" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "cycle_goods" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "cycle_goods" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "cycle_goods" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "cycle_goods" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "cycle_goods" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT ON "delivery" TO good_measure_app, good_measure_worker;

CREATE TRIGGER delivery_no_change BEFORE UPDATE OR DELETE ON "delivery" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER delivery_no_truncate BEFORE TRUNCATE ON "delivery" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "delivery" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "delivery" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "delivery" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "delivery" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "delivery_zone" TO good_measure_app, good_measure_worker;

CREATE TRIGGER delivery_zone_frozen BEFORE UPDATE ON "delivery_zone" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION refuse_change();

ALTER TABLE "delivery_zone" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "delivery_zone" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "delivery_zone" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "delivery_zone" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "delivery_zone" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT ON "destination" TO good_measure_app, good_measure_worker;

CREATE TRIGGER destination_no_change BEFORE UPDATE OR DELETE ON "destination" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER destination_no_truncate BEFORE TRUNCATE ON "destination" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "destination" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "destination" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "destination" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "destination" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "erasure" TO good_measure_app, good_measure_worker;

CREATE TRIGGER erasure_frozen BEFORE UPDATE ON "erasure" FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "fee" TO good_measure_app, good_measure_worker;

CREATE TRIGGER fee_frozen BEFORE UPDATE ON "fee" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.thread_id IS DISTINCT FROM NEW.thread_id OR OLD.version IS DISTINCT FROM NEW.version OR OLD.name IS DISTINCT FROM NEW.name OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD.basis IS DISTINCT FROM NEW.basis OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.bps IS DISTINCT FROM NEW.bps OR OLD.more_minor IS DISTINCT FROM NEW.more_minor OR OLD.items_most IS DISTINCT FROM NEW.items_most OR OLD.threshold_minor IS DISTINCT FROM NEW.threshold_minor OR OLD.per_milligrams IS DISTINCT FROM NEW.per_milligrams OR OLD.tax_class IS DISTINCT FROM NEW.tax_class OR OLD.tax_included IS DISTINCT FROM NEW.tax_included OR OLD.payable_to IS DISTINCT FROM NEW.payable_to OR OLD.payee IS DISTINCT FROM NEW.payee OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.starts_at IS DISTINCT FROM NEW.starts_at OR OLD.by_id IS DISTINCT FROM NEW.by_id) EXECUTE FUNCTION refuse_change();

ALTER TABLE "fee" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "fee" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "fee" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "fee" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "fee" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "guessing" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "heap" TO good_measure_app, good_measure_worker;

CREATE TRIGGER heap_frozen BEFORE UPDATE ON "heap" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.product_id IS DISTINCT FROM NEW.product_id OR OLD.grade IS DISTINCT FROM NEW.grade OR OLD.point_id IS DISTINCT FROM NEW.point_id OR OLD.unit IS DISTINCT FROM NEW.unit) EXECUTE FUNCTION refuse_change();

CREATE FUNCTION heap_seen_differently(old "heap", new "heap") RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT EXISTS (SELECT 1 FROM pack p WHERE p.heap_id = new.id AND p.is_listed AND (old.on_hand + old.oversell_limit - old.held >= p.content) <> (new.on_hand + new.oversell_limit - new.held >= p.content)) $$;

CREATE CONSTRAINT TRIGGER heap_street_rows AFTER INSERT OR DELETE ON "heap" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER heap_street_update AFTER UPDATE ON "heap" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (heap_seen_differently(OLD, NEW)) EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "heap" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "heap" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "heap" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "heap" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "heap" FOR SELECT TO good_measure_app USING (EXISTS (SELECT 1 FROM product p WHERE p.id = heap.product_id AND p.listed_at IS NOT NULL));

GRANT SELECT, INSERT, UPDATE, DELETE ON "hold" TO good_measure_app, good_measure_worker;

CREATE TRIGGER hold_frozen BEFORE UPDATE ON "hold" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.heap_id IS DISTINCT FROM NEW.heap_id OR OLD.quantity IS DISTINCT FROM NEW.quantity OR OLD.cause_id IS DISTINCT FROM NEW.cause_id) EXECUTE FUNCTION refuse_change();

ALTER TABLE "hold" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "hold" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "hold" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "hold" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "instruction" TO good_measure_app, good_measure_worker;

CREATE TRIGGER instruction_frozen BEFORE UPDATE ON "instruction" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.obligation_id IS DISTINCT FROM NEW.obligation_id OR OLD.run_id IS DISTINCT FROM NEW.run_id OR OLD.attempt IS DISTINCT FROM NEW.attempt OR OLD.position IS DISTINCT FROM NEW.position OR OLD.reference IS DISTINCT FROM NEW.reference OR OLD.rail IS DISTINCT FROM NEW.rail OR OLD.holder IS DISTINCT FROM NEW.holder OR OLD.bank_code IS DISTINCT FROM NEW.bank_code OR OLD.account IS DISTINCT FROM NEW.account OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION refuse_change();

ALTER TABLE "instruction" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "instruction" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "instruction" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "instruction" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "invitation" TO good_measure_app, good_measure_worker;

CREATE TRIGGER invitation_frozen BEFORE UPDATE ON "invitation" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.token_hash IS DISTINCT FROM NEW.token_hash OR OLD.email IS DISTINCT FROM NEW.email OR OLD.role IS DISTINCT FROM NEW.role OR OLD.member_id IS DISTINCT FROM NEW.member_id OR OLD.sent_by_id IS DISTINCT FROM NEW.sent_by_id OR OLD.expires_at IS DISTINCT FROM NEW.expires_at) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "invoice" TO good_measure_app, good_measure_worker;

CREATE TRIGGER invoice_frozen BEFORE UPDATE ON "invoice" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.number IS DISTINCT FROM NEW.number OR OLD.order_id IS DISTINCT FROM NEW.order_id OR OLD.company_id IS DISTINCT FROM NEW.company_id OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.total_minor IS DISTINCT FROM NEW.total_minor OR OLD.issued_on IS DISTINCT FROM NEW.issued_on OR OLD.due_on IS DISTINCT FROM NEW.due_on) EXECUTE FUNCTION refuse_change();

ALTER TABLE "invoice" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "invoice" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "invoice" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "invoice" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "job" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "ladder" TO good_measure_app, good_measure_worker;

CREATE TRIGGER ladder_frozen BEFORE UPDATE ON "ladder" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.price_list_id IS DISTINCT FROM NEW.price_list_id OR OLD.pack_id IS DISTINCT FROM NEW.pack_id) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER ladder_street_rows AFTER INSERT OR DELETE ON "ladder" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER ladder_street_update AFTER UPDATE ON "ladder" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "ladder" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "ladder" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "ladder" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "ladder" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "ladder" FOR SELECT TO good_measure_app USING (EXISTS (SELECT 1 FROM price_list l WHERE l.id = ladder.price_list_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON "letter" TO good_measure_app, good_measure_worker;

ALTER TABLE listing ADD COLUMN words tsvector GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(name_words || ' ' || other_words || ' ' || marks, ' '), ''))) STORED;

ALTER TABLE listing ADD COLUMN words_of_name tsvector GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(name_words || ' ' || marks, ' '), ''))) STORED;

CREATE INDEX ix_listing_words ON listing USING gin (words) WITH (fastupdate = off);

CREATE INDEX ix_listing_words_of_name ON listing USING gin (words_of_name) WITH (fastupdate = off);

GRANT SELECT, INSERT, UPDATE, DELETE ON "listing" TO good_measure_app, good_measure_worker;

CREATE TRIGGER listing_frozen BEFORE UPDATE ON "listing" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.product_id IS DISTINCT FROM NEW.product_id OR OLD.number IS DISTINCT FROM NEW.number) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER listing_street_rows AFTER INSERT OR DELETE ON "listing" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER listing_street_update AFTER UPDATE ON "listing" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "listing" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "listing" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "listing" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "listing" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "listing" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "lot" TO good_measure_app, good_measure_worker;

CREATE TRIGGER lot_frozen BEFORE UPDATE ON "lot" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.number IS DISTINCT FROM NEW.number OR OLD.pool_id IS DISTINCT FROM NEW.pool_id OR OLD.heap_id IS DISTINCT FROM NEW.heap_id OR OLD.good_from IS DISTINCT FROM NEW.good_from) EXECUTE FUNCTION refuse_change();

ALTER TABLE "lot" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "lot" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "lot" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "lot" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "lot_move" TO good_measure_app, good_measure_worker;

CREATE TRIGGER lot_move_no_change BEFORE UPDATE OR DELETE ON "lot_move" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER lot_move_no_truncate BEFORE TRUNCATE ON "lot_move" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "lot_move" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "lot_move" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "lot_move" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "lot_move" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "market_quote" TO good_measure_app, good_measure_worker;

CREATE TRIGGER market_quote_no_change BEFORE UPDATE OR DELETE ON "market_quote" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER market_quote_no_truncate BEFORE TRUNCATE ON "market_quote" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "member" TO good_measure_app, good_measure_worker;

CREATE TRIGGER member_frozen BEFORE UPDATE ON "member" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.number IS DISTINCT FROM NEW.number) EXECUTE FUNCTION refuse_change();

ALTER TABLE "member" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "member" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "member" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "member" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY own_row ON "member" FOR SELECT TO good_measure_app USING (person_id = seeing_person());

GRANT SELECT, INSERT, UPDATE, DELETE ON "member_group" TO good_measure_app, good_measure_worker;

ALTER TABLE "member_group" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "member_group" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "member_group" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "member_group" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "numbering" TO good_measure_app, good_measure_worker;

CREATE TRIGGER numbering_frozen BEFORE UPDATE ON "numbering" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.series IS DISTINCT FROM NEW.series) EXECUTE FUNCTION refuse_change();

ALTER TABLE "numbering" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "numbering" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "numbering" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "numbering" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "obligation" TO good_measure_app, good_measure_worker;

CREATE TRIGGER obligation_frozen BEFORE UPDATE ON "obligation" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.payee IS DISTINCT FROM NEW.payee OR OLD.payee_id IS DISTINCT FROM NEW.payee_id OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION refuse_change();

ALTER TABLE "obligation" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "obligation" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "obligation" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "obligation" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "order_change" TO good_measure_app, good_measure_worker;

CREATE TRIGGER order_change_no_change BEFORE UPDATE OR DELETE ON "order_change" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER order_change_no_truncate BEFORE TRUNCATE ON "order_change" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "order_change" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "order_change" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "order_change" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "order_change" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "order_cycle" TO good_measure_app, good_measure_worker;

CREATE CONSTRAINT TRIGGER order_cycle_street_rows AFTER INSERT OR DELETE ON "order_cycle" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER order_cycle_street_update AFTER UPDATE ON "order_cycle" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "order_cycle" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "order_cycle" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "order_cycle" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "order_cycle" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "order_cycle" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "order_fee" TO good_measure_app, good_measure_worker;

CREATE TRIGGER order_fee_frozen BEFORE UPDATE ON "order_fee" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.order_id IS DISTINCT FROM NEW.order_id OR OLD.fee_id IS DISTINCT FROM NEW.fee_id OR OLD.name IS DISTINCT FROM NEW.name OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD.rule IS DISTINCT FROM NEW.rule OR OLD.payable_to IS DISTINCT FROM NEW.payable_to OR OLD.payee IS DISTINCT FROM NEW.payee OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.added_minor IS DISTINCT FROM NEW.added_minor OR OLD.tax_minor IS DISTINCT FROM NEW.tax_minor OR OLD.discount_minor IS DISTINCT FROM NEW.discount_minor OR OLD.discount_tax_minor IS DISTINCT FROM NEW.discount_tax_minor) EXECUTE FUNCTION refuse_change();

ALTER TABLE "order_fee" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "order_fee" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "order_fee" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "order_fee" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "order_gift" TO good_measure_app, good_measure_worker;

CREATE TRIGGER order_gift_frozen BEFORE UPDATE ON "order_gift" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.order_id IS DISTINCT FROM NEW.order_id OR OLD.voucher_id IS DISTINCT FROM NEW.voucher_id OR OLD.fee_id IS DISTINCT FROM NEW.fee_id OR OLD.words IS DISTINCT FROM NEW.words OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION refuse_change();

ALTER TABLE "order_gift" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "order_gift" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "order_gift" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "order_gift" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "order_line" TO good_measure_app, good_measure_worker;

CREATE TRIGGER order_line_frozen BEFORE UPDATE ON "order_line" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.order_id IS DISTINCT FROM NEW.order_id OR OLD.pack_id IS DISTINCT FROM NEW.pack_id OR OLD.heap_id IS DISTINCT FROM NEW.heap_id OR OLD.name IS DISTINCT FROM NEW.name OR OLD.quantity IS DISTINCT FROM NEW.quantity OR OLD.content IS DISTINCT FROM NEW.content OR OLD.unit IS DISTINCT FROM NEW.unit OR OLD.unit_price_minor IS DISTINCT FROM NEW.unit_price_minor OR OLD.line_minor IS DISTINCT FROM NEW.line_minor OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.because IS DISTINCT FROM NEW.because OR OLD.added_minor IS DISTINCT FROM NEW.added_minor OR OLD.tax_minor IS DISTINCT FROM NEW.tax_minor OR OLD.discount_minor IS DISTINCT FROM NEW.discount_minor OR OLD.discount_tax_minor IS DISTINCT FROM NEW.discount_tax_minor) EXECUTE FUNCTION refuse_change();

ALTER TABLE "order_line" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "order_line" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "order_line" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "order_line" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "pack" TO good_measure_app, good_measure_worker;

CREATE TRIGGER pack_frozen BEFORE UPDATE ON "pack" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.heap_id IS DISTINCT FROM NEW.heap_id OR OLD.product_id IS DISTINCT FROM NEW.product_id OR OLD.content IS DISTINCT FROM NEW.content) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER pack_street_rows AFTER INSERT OR DELETE ON "pack" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER pack_street_update AFTER UPDATE ON "pack" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "pack" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "pack" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "pack" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "pack" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "pack" FOR SELECT TO good_measure_app USING (is_listed);

GRANT SELECT, INSERT ON "paper" TO good_measure_app, good_measure_worker;

CREATE TRIGGER paper_no_change BEFORE UPDATE OR DELETE ON "paper" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER paper_no_truncate BEFORE TRUNCATE ON "paper" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "paper" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "paper" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "paper" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "paper" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "passkey" TO good_measure_app, good_measure_worker;

CREATE TRIGGER passkey_frozen BEFORE UPDATE ON "passkey" FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id OR OLD.credential IS DISTINCT FROM NEW.credential OR OLD.public_key IS DISTINCT FROM NEW.public_key) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "passkey_challenge" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT ON "payout_approval" TO good_measure_app, good_measure_worker;

CREATE TRIGGER payout_approval_no_change BEFORE UPDATE OR DELETE ON "payout_approval" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER payout_approval_no_truncate BEFORE TRUNCATE ON "payout_approval" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "payout_approval" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "payout_approval" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "payout_approval" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "payout_approval" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "payout_batch" TO good_measure_app, good_measure_worker;

CREATE TRIGGER payout_batch_no_change BEFORE UPDATE OR DELETE ON "payout_batch" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER payout_batch_no_truncate BEFORE TRUNCATE ON "payout_batch" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "payout_batch" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "payout_batch" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "payout_batch" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "payout_batch" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "payout_run" TO good_measure_app, good_measure_worker;

CREATE TRIGGER payout_run_no_change BEFORE UPDATE OR DELETE ON "payout_run" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER payout_run_no_truncate BEFORE TRUNCATE ON "payout_run" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "payout_run" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "payout_run" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "payout_run" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "payout_run" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "person" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT ON "picking" TO good_measure_app, good_measure_worker;

CREATE TRIGGER picking_no_change BEFORE UPDATE OR DELETE ON "picking" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER picking_no_truncate BEFORE TRUNCATE ON "picking" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "picking" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "picking" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "picking" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "picking" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "pool" TO good_measure_app, good_measure_worker;

CREATE TRIGGER pool_frozen BEFORE UPDATE ON "pool" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.product_id IS DISTINCT FROM NEW.product_id OR OLD.season IS DISTINCT FROM NEW.season OR OLD.opened_at IS DISTINCT FROM NEW.opened_at OR OLD.revenue_basis IS DISTINCT FROM NEW.revenue_basis OR OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION refuse_change();

ALTER TABLE "pool" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "pool" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "pool" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "pool" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "pool_split" TO good_measure_app, good_measure_worker;

CREATE TRIGGER pool_split_no_change BEFORE UPDATE OR DELETE ON "pool_split" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER pool_split_no_truncate BEFORE TRUNCATE ON "pool_split" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER pool_split_street_rows AFTER INSERT OR DELETE ON "pool_split" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER pool_split_street_update AFTER UPDATE ON "pool_split" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "pool_split" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "pool_split" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "pool_split" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "pool_split" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "pool_split" FOR SELECT TO good_measure_app USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "price_list" TO good_measure_app, good_measure_worker;

CREATE TRIGGER price_list_frozen BEFORE UPDATE ON "price_list" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.level IS DISTINCT FROM NEW.level OR OLD.holder_id IS DISTINCT FROM NEW.holder_id) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER price_list_street_rows AFTER INSERT OR DELETE ON "price_list" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER price_list_street_update AFTER UPDATE ON "price_list" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "price_list" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "price_list" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "price_list" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "price_list" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "price_list" FOR SELECT TO good_measure_app USING (level = 'public');

CREATE POLICY own_row ON "price_list" FOR SELECT TO good_measure_app USING (level = 'company' AND EXISTS (SELECT 1 FROM company_person c WHERE c.company_id = price_list.holder_id AND c.person_id = seeing_person()));

GRANT SELECT, INSERT, UPDATE, DELETE ON "product" TO good_measure_app, good_measure_worker;

CREATE TRIGGER product_frozen BEFORE UPDATE ON "product" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.unit IS DISTINCT FROM NEW.unit) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER product_street_rows AFTER INSERT OR DELETE ON "product" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER product_street_update AFTER UPDATE ON "product" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "product" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "product" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "product" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "product" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "product" FOR SELECT TO good_measure_app USING (listed_at IS NOT NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON "product_photo" TO good_measure_app, good_measure_worker;

CREATE TRIGGER product_photo_frozen BEFORE UPDATE ON "product_photo" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.product_id IS DISTINCT FROM NEW.product_id) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER product_photo_street_rows AFTER INSERT OR DELETE ON "product_photo" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER product_photo_street_update AFTER UPDATE ON "product_photo" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "product_photo" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "product_photo" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "product_photo" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "product_photo" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "product_photo" FOR SELECT TO good_measure_app USING (EXISTS (SELECT 1 FROM product p WHERE p.id = product_photo.product_id AND p.listed_at IS NOT NULL));

GRANT SELECT, INSERT, UPDATE, DELETE ON "product_words" TO good_measure_app, good_measure_worker;

CREATE TRIGGER product_words_frozen BEFORE UPDATE ON "product_words" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.product_id IS DISTINCT FROM NEW.product_id OR OLD.language IS DISTINCT FROM NEW.language) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER product_words_street_rows AFTER INSERT OR DELETE ON "product_words" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER product_words_street_update AFTER UPDATE ON "product_words" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "product_words" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "product_words" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "product_words" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "product_words" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "product_words" FOR SELECT TO good_measure_app USING (EXISTS (SELECT 1 FROM product p WHERE p.id = product_words.product_id AND p.listed_at IS NOT NULL));

GRANT SELECT, INSERT, UPDATE, DELETE ON "provider_event" TO good_measure_app, good_measure_worker;

CREATE TRIGGER provider_event_frozen BEFORE UPDATE ON "provider_event" FOR EACH ROW WHEN (OLD.provider IS DISTINCT FROM NEW.provider OR OLD.event_key IS DISTINCT FROM NEW.event_key OR (OLD.body IS DISTINCT FROM NEW.body AND length(NEW.body) > 1) OR OLD.body_sha256 IS DISTINCT FROM NEW.body_sha256) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON "provider_payout" TO good_measure_app, good_measure_worker;

CREATE TRIGGER provider_payout_no_change BEFORE UPDATE OR DELETE ON "provider_payout" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER provider_payout_no_truncate BEFORE TRUNCATE ON "provider_payout" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "provider_payout" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "provider_payout" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "provider_payout" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "provider_payout" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "rail_event" TO good_measure_app, good_measure_worker;

CREATE TRIGGER rail_event_no_change BEFORE UPDATE OR DELETE ON "rail_event" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER rail_event_no_truncate BEFORE TRUNCATE ON "rail_event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "rail_event" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "rail_event" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "rail_event" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "rail_event" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "refund" TO good_measure_app, good_measure_worker;

CREATE TRIGGER refund_frozen BEFORE UPDATE ON "refund" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.order_id IS DISTINCT FROM NEW.order_id OR OLD.line_id IS DISTINCT FROM NEW.line_id OR OLD.fee_id IS DISTINCT FROM NEW.fee_id OR OLD.way IS DISTINCT FROM NEW.way OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.by_id IS DISTINCT FROM NEW.by_id OR OLD.request_key IS DISTINCT FROM NEW.request_key OR OLD.goodwill IS DISTINCT FROM NEW.goodwill) EXECUTE FUNCTION refuse_change();

ALTER TABLE "refund" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "refund" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "refund" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "refund" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "refusal_burst" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT ON "request_key" TO good_measure_app, good_measure_worker;

CREATE TRIGGER request_key_no_change BEFORE UPDATE OR DELETE ON "request_key" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER request_key_no_truncate BEFORE TRUNCATE ON "request_key" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "role_grant" TO good_measure_app, good_measure_worker;

CREATE TRIGGER role_grant_frozen BEFORE UPDATE ON "role_grant" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.person_id IS DISTINCT FROM NEW.person_id OR OLD.role IS DISTINCT FROM NEW.role OR OLD.granted_by_id IS DISTINCT FROM NEW.granted_by_id) EXECUTE FUNCTION refuse_change();

ALTER TABLE "role_grant" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "role_grant" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "role_grant" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "role_grant" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY own_row ON "role_grant" FOR SELECT TO good_measure_app USING (person_id = seeing_person());

GRANT SELECT, INSERT, UPDATE, DELETE ON "rung" TO good_measure_app, good_measure_worker;

CREATE TRIGGER rung_frozen BEFORE UPDATE ON "rung" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.ladder_id IS DISTINCT FROM NEW.ladder_id) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER rung_street_rows AFTER INSERT OR DELETE ON "rung" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER rung_street_update AFTER UPDATE ON "rung" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "rung" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "rung" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "rung" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "rung" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "rung" FOR SELECT TO good_measure_app USING (EXISTS (SELECT 1 FROM ladder d WHERE d.id = rung.ladder_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON "settlement" TO good_measure_app, good_measure_worker;

CREATE TRIGGER settlement_frozen BEFORE UPDATE ON "settlement" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.pool_id IS DISTINCT FROM NEW.pool_id) EXECUTE FUNCTION refuse_change();

ALTER TABLE "settlement" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "settlement" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "settlement" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "settlement" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "settlement_approval" TO good_measure_app, good_measure_worker;

CREATE TRIGGER settlement_approval_no_change BEFORE UPDATE OR DELETE ON "settlement_approval" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER settlement_approval_no_truncate BEFORE TRUNCATE ON "settlement_approval" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "settlement_approval" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "settlement_approval" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "settlement_approval" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "settlement_approval" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "settlement_close" TO good_measure_app, good_measure_worker;

CREATE TRIGGER settlement_close_no_change BEFORE UPDATE OR DELETE ON "settlement_close" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER settlement_close_no_truncate BEFORE TRUNCATE ON "settlement_close" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "settlement_close" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "settlement_close" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "settlement_close" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "settlement_close" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "settlement_line" TO good_measure_app, good_measure_worker;

CREATE TRIGGER settlement_line_no_change BEFORE UPDATE OR DELETE ON "settlement_line" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER settlement_line_no_truncate BEFORE TRUNCATE ON "settlement_line" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "settlement_line" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "settlement_line" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "settlement_line" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "settlement_line" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "share_approval" TO good_measure_app, good_measure_worker;

CREATE TRIGGER share_approval_no_change BEFORE UPDATE OR DELETE ON "share_approval" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER share_approval_no_truncate BEFORE TRUNCATE ON "share_approval" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "share_approval" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "share_approval" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "share_approval" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "share_approval" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON "share_subscription" TO good_measure_app, good_measure_worker;

CREATE TRIGGER share_subscription_no_change BEFORE UPDATE OR DELETE ON "share_subscription" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER share_subscription_no_truncate BEFORE TRUNCATE ON "share_subscription" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "share_subscription" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "share_subscription" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "share_subscription" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "share_subscription" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "sign_in" TO good_measure_app, good_measure_worker;

CREATE TRIGGER sign_in_frozen BEFORE UPDATE ON "sign_in" FOR EACH ROW WHEN (OLD.token_hash IS DISTINCT FROM NEW.token_hash OR OLD.person_id IS DISTINCT FROM NEW.person_id OR OLD.expires_at IS DISTINCT FROM NEW.expires_at) EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON "street_change" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT ON "trade_terms" TO good_measure_app, good_measure_worker;

CREATE TRIGGER trade_terms_no_change BEFORE UPDATE OR DELETE ON "trade_terms" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER trade_terms_no_truncate BEFORE TRUNCATE ON "trade_terms" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "trade_terms" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "trade_terms" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "trade_terms" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "trade_terms" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY own_row ON "trade_terms" FOR SELECT TO good_measure_app USING (EXISTS (SELECT 1 FROM company_person c WHERE c.company_id = trade_terms.company_id AND c.person_id = seeing_person()));

GRANT SELECT, INSERT ON "trail_entry" TO good_measure_app, good_measure_worker;

CREATE TRIGGER trail_entry_no_change BEFORE UPDATE OR DELETE ON "trail_entry" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER trail_entry_no_truncate BEFORE TRUNCATE ON "trail_entry" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "trail_entry" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "trail_entry" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "trail_entry" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "trail_entry" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY open_insert ON "trail_entry" FOR INSERT TO good_measure_app WITH CHECK (cooperative_id = '00000000-0000-0000-0000-000000000000');

GRANT SELECT, INSERT ON "transfer" TO good_measure_app, good_measure_worker;

CREATE TRIGGER transfer_no_change BEFORE UPDATE OR DELETE ON "transfer" FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER transfer_no_truncate BEFORE TRUNCATE ON "transfer" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "transfer" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "transfer" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "transfer" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "transfer" TO good_measure_worker USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON "vocabulary" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "vocabulary_part" TO good_measure_app, good_measure_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON "voucher" TO good_measure_app, good_measure_worker;

CREATE TRIGGER voucher_frozen BEFORE UPDATE ON "voucher" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.code IS DISTINCT FROM NEW.code OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor OR OLD.bps IS DISTINCT FROM NEW.bps OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.least_minor IS DISTINCT FROM NEW.least_minor OR OLD.starts_at IS DISTINCT FROM NEW.starts_at OR OLD.ends_at IS DISTINCT FROM NEW.ends_at OR OLD.uses_most IS DISTINCT FROM NEW.uses_most OR OLD.uses_most_each IS DISTINCT FROM NEW.uses_most_each OR OLD.product_ids IS DISTINCT FROM NEW.product_ids OR OLD.by_id IS DISTINCT FROM NEW.by_id) EXECUTE FUNCTION refuse_change();

ALTER TABLE "voucher" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "voucher" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "voucher" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "voucher" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "voucher" FOR SELECT TO good_measure_app USING (stopped_at IS NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON "window_rule" TO good_measure_app, good_measure_worker;

CREATE TRIGGER window_rule_frozen BEFORE UPDATE ON "window_rule" FOR EACH ROW WHEN (OLD.cooperative_id IS DISTINCT FROM NEW.cooperative_id OR OLD.point_id IS DISTINCT FROM NEW.point_id OR OLD.zone_id IS DISTINCT FROM NEW.zone_id OR OLD.place IS DISTINCT FROM NEW.place OR OLD.weekday IS DISTINCT FROM NEW.weekday OR OLD.from_minute IS DISTINCT FROM NEW.from_minute OR OLD.to_minute IS DISTINCT FROM NEW.to_minute OR OLD.cut_off_days IS DISTINCT FROM NEW.cut_off_days OR OLD.cut_off_minute IS DISTINCT FROM NEW.cut_off_minute OR OLD.capacity IS DISTINCT FROM NEW.capacity) EXECUTE FUNCTION refuse_change();

CREATE CONSTRAINT TRIGGER window_rule_street_rows AFTER INSERT OR DELETE ON "window_rule" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

CREATE CONSTRAINT TRIGGER window_rule_street_update AFTER UPDATE ON "window_rule" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW  EXECUTE FUNCTION count_street_change('cooperative_id');

ALTER TABLE "window_rule" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "window_rule" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON "window_rule" TO good_measure_app USING (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])) WITH CHECK (cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[]));

CREATE POLICY worker ON "window_rule" TO good_measure_worker USING (true) WITH CHECK (true);

CREATE POLICY public_read ON "window_rule" FOR SELECT TO good_measure_app USING (true);


-- state: 0 waiting, 1 prioritized, 2 delayed, 3 active, 4 waiting-children, 5 completed, 6 failed.
-- at: when a delayed job is due, a lease runs out, a finished job ended; else 0.
-- position: among ready jobs of one priority, the least is next; negative for lifo.
create table purlin_jobs (
    seq              bigint generated always as identity primary key,
    queue            text    not null,
    id               text    not null,
    name             text    not null,
    version          bigint not null,
    data             text    not null,
    options          text    not null,
    state            bigint not null,
    priority         bigint not null,
    position         bigint not null,
    at               bigint not null,
    tenant           text    not null default '',
    limit_key        text    not null default '',
    created_at       bigint not null,
    processed_at     bigint,
    attempts_started bigint not null default 0,
    attempts_made    bigint not null default 0,
    crashes          bigint not null default 0,
    fence            bigint not null default 0,
    cancel_requested bigint not null default 0,
    has_parents      bigint not null default 0,
    dedup_key        text,
    schedule         text,
    traceparent      text,
    progress         text,
    result           text,
    failure_cause    text,
    failure_reason   text
);
create unique index purlin_jobs_by_id on purlin_jobs (queue, id);
-- Ready jobs by lane, which is a tenant and a limit key: '' and '' for most.
create index purlin_jobs_ready on purlin_jobs (queue, tenant, limit_key, priority, position, seq)
    where state in (0, 1);
create index purlin_jobs_timed on purlin_jobs (queue, state, at) where state in (2, 3, 5, 6);
create index purlin_jobs_parents on purlin_jobs (queue, seq) where state = 4;
create index purlin_jobs_held on purlin_jobs (queue, limit_key) where state = 3 and limit_key <> '';

create table purlin_job_tags (
    queue text not null,
    tag   text not null,
    id    text not null,
    primary key (queue, tag, id)
);
create index purlin_job_tags_by_job on purlin_job_tags (queue, id);

-- A child that has not ended has outcome null.
create table purlin_job_children (
    parent_queue text not null,
    parent_id    text not null,
    queue        text not null,
    id           text not null,
    on_failure   text not null,
    outcome      text,
    value        text,
    primary key (parent_queue, parent_id, queue, id)
);
create index purlin_job_children_by_child on purlin_job_children (queue, id);

create table purlin_job_logs (
    queue text    not null,
    id    text    not null,
    n     bigint not null,
    line  text    not null,
    primary key (queue, id, n)
);

create table purlin_job_steps (
    queue  text not null,
    id     text not null,
    name   text not null,
    result text not null,
    primary key (queue, id, name)
);

-- until: null while the key holds until the job has ended. kept: the job to add when it does.
create table purlin_queue_dedup (
    queue text    not null,
    key   text    not null,
    job   text    not null,
    until bigint,
    kept  text,
    primary key (queue, key)
);
create index purlin_queue_dedup_until on purlin_queue_dedup (queue, until) where until is not null;

-- lanes: 1 once a job with a tenant or a limit key was added.
create table purlin_queues (
    name      text    not null primary key,
    paused    bigint not null default 0,
    lanes     bigint not null default 0,
    limits    text    not null default '{}',
    retention text
);

-- Starts within the window that ends at ends_at; key '' is the queue's own.
create table purlin_queue_rates (
    queue   text    not null,
    key     text    not null,
    ends_at bigint not null,
    starts  bigint not null,
    primary key (queue, key)
);

-- Whose turn it is: the tenant with the least pass.
create table purlin_queue_tenants (
    queue  text    not null,
    tenant text    not null,
    pass   bigint not null,
    primary key (queue, tenant)
);

create table purlin_queue_schedules (
    queue    text    not null,
    id       text    not null,
    schedule text    not null,
    next_at  bigint,
    ticks    bigint not null default 0,
    last_job text,
    primary key (queue, id)
);
create index purlin_queue_schedules_due on purlin_queue_schedules (queue, next_at) where next_at is not null;

create table purlin_queue_workers (
    queue  text    not null,
    id     text    not null,
    worker text    not null,
    until  bigint not null,
    primary key (queue, id)
);

-- A row holds what one commit has brought about. tx: the transaction, since rows are not committed
-- in the order of their numbers.
create table purlin_queue_events (
    n      bigint generated always as identity primary key,
    queue  text    not null,
    at     bigint not null,
    events text    not null,
    tx     xid8    not null default pg_current_xact_id()
);
create index purlin_queue_events_by_queue on purlin_queue_events (queue, n);
create index purlin_queue_events_by_tx on purlin_queue_events (queue, tx);

-- Jobs that ended in a minute since 1970. Minute 0: those of them that are still there, so that
-- nobody has to count finished rows. A count is the sum of its shards, which keep connections from
-- waiting for each other.
create table purlin_queue_minutes (
    queue     text    not null,
    minute    bigint not null,
    completed bigint not null default 0,
    failed    bigint not null default 0,
    shard     bigint not null default (pg_backend_pid() % 8),
    primary key (queue, minute, shard)
);

create table auth_signing_keys (
    kid text primary key,
    algorithm text not null,
    sealed bytea not null,
    created_at timestamptz not null,
    signs_from timestamptz not null,
    verifies_until timestamptz
);

create table auth_signing_keys_version (
    id bigint primary key check (id = 1),
    version bigint not null
);

insert into auth_signing_keys_version (id, version) values (1, 0)

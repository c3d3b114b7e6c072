create table auth_signing_keys (
    kid text primary key,
    algorithm text not null,
    sealed blob not null,
    created_at integer not null,
    signs_from integer not null,
    verifies_until integer
) strict;

create table auth_signing_keys_version (
    id integer primary key check (id = 1),
    version integer not null
) strict;

insert into auth_signing_keys_version (id, version) values (1, 0)

//! Statements that fail, and how.

use purlin_base::{Classified, ErrorClass};
use purlin_sql::{Db, Json, SqlError};

use super::{count, make_items};

pub(crate) async fn broken_constraints_are_told_apart(db: &Db) {
    db.write("create table shelves (id bigint primary key)")
        .execute()
        .await
        .unwrap();
    db.write(
        "create table books (id bigint primary key, shelf bigint references shelves (id),
         title text not null, stock bigint constraint stock_is_not_negative check (stock >= 0))",
    )
    .execute()
    .await
    .unwrap();
    let insert = async |text| db.write(text).execute().await.unwrap_err();
    db.write("insert into books values (1, null, 'a', 0)")
        .execute()
        .await
        .unwrap();

    let unique = insert("insert into books values (1, null, 'a', 0)").await;
    let foreign = insert("insert into books values (2, 7, 'a', 0)").await;
    let check = insert("insert into books values (2, null, 'a', -1)").await;
    let null = insert("insert into books values (2, null, null, 0)").await;

    assert!(matches!(unique, SqlError::Unique { .. }), "{unique:?}");
    assert!(
        matches!(foreign, SqlError::ForeignKey { .. }),
        "{foreign:?}"
    );
    assert!(
        matches!(&check, SqlError::Check { constraint } if constraint == "stock_is_not_negative"),
        "{check:?}"
    );
    assert!(
        matches!(&null, SqlError::NotNull { column } if column.contains("title")),
        "{null:?}"
    );
    assert_eq!(unique.class(), ErrorClass::Conflict);
    assert_eq!(check.class(), ErrorClass::Invalid);
    for error in [unique, foreign, check, null] {
        let public = error.public_detail().unwrap();
        assert!(
            !public.contains("book") && !public.contains("stock"),
            "{public}"
        );
    }
}

pub(crate) async fn a_statement_that_fails_does_not_harm_its_neighbours(db: &Db) {
    make_items(db).await;
    let writes = (0..60).map(|number| {
        let insert = db.write("insert into items values ($1, 'x')");
        insert
            .bind(if number % 3 == 0 { 0 } else { number })
            .execute()
    });
    let outcomes = futures_util::future::join_all(writes).await;
    let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (41, 19));
    for outcome in bad {
        assert!(
            matches!(outcome, Err(SqlError::Unique { .. })),
            "{outcome:?}"
        );
    }
    assert_eq!(count(db).await, 41);
}

pub(crate) async fn a_reader_cannot_write(db: &Db) {
    make_items(db).await;
    for text in [
        "insert into items values (1, 'a')",
        "insert into items values (1, 'a') returning id",
        "drop table items",
    ] {
        let refused = db.read().query(text).fetch_all::<(i64,)>().await;
        assert!(
            matches!(refused, Err(SqlError::ReadOnly)),
            "{text}: {refused:?}"
        );
    }
    assert_eq!(count(db).await, 0);
}

pub(crate) async fn the_number_of_values_must_fit(db: &Db) {
    let none = db.read().query("select $1").fetch_all::<(i64,)>().await;
    assert!(
        matches!(
            none,
            Err(SqlError::Placeholders {
                expected: 1,
                bound: 0
            })
        ),
        "{none:?}"
    );
    let more = db.write("select '$1'").bind(1).execute().await;
    assert!(
        matches!(
            more,
            Err(SqlError::Placeholders {
                expected: 0,
                bound: 1
            })
        ),
        "{more:?}"
    );
}

pub(crate) async fn text_with_nul_is_refused(db: &Db) {
    make_items(db).await;
    let insert = || db.write("insert into items values (1, $1)");
    for outcome in [
        insert().bind("a\0b").execute().await,
        insert().bind(Json("a\0b")).execute().await,
    ] {
        assert!(matches!(outcome, Err(SqlError::Nul)), "{outcome:?}");
        assert_eq!(outcome.unwrap_err().class(), ErrorClass::Invalid);
    }
}

pub(crate) async fn a_statement_cannot_steer_the_transaction(db: &Db) {
    for text in ["commit", "/* x */ Rollback", "begin"] {
        let refused = db.write(text).execute().await;
        assert!(
            matches!(refused, Err(SqlError::TransactionControl)),
            "{refused:?}"
        );
    }
    let two = db.write("select 1; select 2").execute().await;
    assert!(matches!(two, Err(SqlError::Statement(_))), "{two:?}");
}

pub(crate) async fn a_statement_that_is_no_sql_is_our_fault(db: &Db) {
    for text in ["selekt 1", "select * from nothing_of_that_name", ""] {
        let refused = db.read().query(text).fetch_all::<(i64,)>().await;
        let Err(error) = refused else {
            // An empty statement is one without an answer on some engines.
            assert_eq!(text, "");
            continue;
        };
        assert_eq!(
            (error.code(), error.class()),
            ("SQL_STATEMENT", ErrorClass::Internal)
        );
        assert_eq!(error.public_detail(), None);
    }
}

pub(crate) async fn a_closed_database_says_so(db: &Db) {
    make_items(db).await;
    db.close().await;
    let read = db.read().query("select 1").fetch_all::<(i64,)>().await;
    let write = db.write("delete from items").execute().await;
    let transaction = db.transaction(async |_| Ok::<(), SqlError>(())).await;
    assert!(matches!(read, Err(SqlError::Closed)), "{read:?}");
    assert!(matches!(write, Err(SqlError::Closed)), "{write:?}");
    assert!(
        matches!(transaction, Err(SqlError::Closed)),
        "{transaction:?}"
    );
    db.close().await;
}

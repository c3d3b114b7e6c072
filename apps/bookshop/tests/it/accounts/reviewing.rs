//! Reviews.

use bookshop::{
    books::{Book, BookService},
    reviews::{Review, ReviewError, ReviewInput},
};
use purlin::{http::conditional::Preconditions, prelude::*, sql::keyset::ListRequest};
use purlin_base::{Page, page::PageInfo};
use uuid::Uuid;

use super::Shop;

fn said(body_html: &str) -> ReviewInput {
    ReviewInput {
        rating: 4,
        body_html: body_html.to_owned(),
    }
}

impl Shop {
    async fn review(&self, book: &Book, email: &str) -> Result<Review, ReviewError> {
        let who = self.somebody(email).await.principal();
        self.reviews().create(book.id, &who, said("Good")).await
    }

    async fn page(&self, book: Uuid, cursor: Option<&str>) -> Result<Page<Review>, ReviewError> {
        let request = ListRequest::new(Some(2), cursor, None, None).unwrap();
        self.reviews().list(book, request).await
    }
}

pub(super) async fn a_review_is_kept_with_the_name_of_its_reader(shop: &Shop) {
    let book = shop.a_book().await;
    let review = shop.review(&book, "ada@example.org").await.unwrap();
    assert_eq!((review.rating, &*review.body_html), (4, "Good"));
    assert_eq!(review.user_name, "Ada");
    assert_eq!(shop.page(book.id, None).await.unwrap().items, [review]);
    let other = shop.a_book().await;
    assert_eq!(shop.page(other.id, None).await.unwrap().items, []);
}

pub(super) async fn a_second_review_by_the_same_reader_is_refused(shop: &Shop) {
    let (book, other) = (shop.a_book().await, shop.a_book().await);
    let first = shop.review(&book, "ada@example.org").await.unwrap();
    let again = shop.review(&book, "ada@example.org").await.unwrap_err();
    assert_eq!(
        (again.class(), again.code()),
        (ErrorClass::Conflict, "REVIEW_AGAIN")
    );
    assert_eq!(shop.page(book.id, None).await.unwrap().items, [first]);
    // Another book, and another reader, are no second time.
    shop.review(&other, "ada@example.org").await.unwrap();
    shop.review(&book, "bob@example.org").await.unwrap();
}

pub(super) async fn of_many_reviews_at_once_by_one_reader_one_is_kept(shop: &Shop) {
    let book = shop.a_book().await;
    let who = shop.somebody("ada@example.org").await.principal();
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (reviews, who, book) = (shop.reviews(), who.clone(), book.id);
        let task = async move { reviews.create(book, &who, said("Good")).await };
        tasks.push(purlin::spawn(task));
    }
    let mut written = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => written += 1,
            Err(error) => assert_eq!(error.code(), "REVIEW_AGAIN"),
        }
    }
    assert_eq!(written, 1);
    assert_eq!(shop.count("select count(*) from reviews").await, 1);
}

pub(super) async fn markup_is_cleaned_on_its_way_in(shop: &Shop) {
    let hostile = "<p onclick=steal()>Good <strong>book</strong><script>alert(1)</script>\
                   <img src=x onerror=alert(1)><a href='javascript:alert(1)'>here</a></p>";
    let clean = "<p>Good <strong>book</strong>";
    // Once where it stands, and once long enough for the pool.
    for markup in [hostile.to_owned(), hostile.repeat(20)] {
        let book = shop.a_book().await;
        let who = shop.somebody("ada@example.org").await.principal();
        let review = shop
            .reviews()
            .create(book.id, &who, said(&markup))
            .await
            .unwrap();
        let kept = &shop.page(book.id, None).await.unwrap().items[0];
        assert_eq!(*kept, review);
        assert!(kept.body_html.starts_with(clean), "{}", kept.body_html);
        for bad in ["onclick", "script", "onerror", "<img", "alert"] {
            assert!(!kept.body_html.contains(bad), "{bad} in {}", kept.body_html);
        }
    }
    let book = shop.a_book().await;
    let who = shop.somebody("ada@example.org").await.principal();
    let bomb = said(&"<ul>".repeat(2_500));
    match shop.reviews().create(book.id, &who, bomb).await {
        Ok(review) => assert!(review.body_html.len() < 64 * 1024),
        Err(error) => assert_eq!(error.class(), ErrorClass::Invalid),
    }
}

pub(super) async fn who_has_no_account_cannot_review(shop: &Shop) {
    let book = shop.a_book().await;
    let gone = Uuid::nil().to_string();
    for id in ["staff", "", &gone] {
        let who = Principal::new(id, ["admin"]);
        let error = shop
            .reviews()
            .create(book.id, &who, said("Good"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.class(), error.code()),
            (ErrorClass::Unauthenticated, "REVIEW_NO_ACCOUNT"),
            "{id:?}"
        );
    }
}

pub(super) async fn a_book_that_is_not_there_has_no_reviews(shop: &Shop) {
    let who = shop.somebody("ada@example.org").await.principal();
    let created = shop.reviews().create(Uuid::nil(), &who, said("Good")).await;
    assert_eq!(created.unwrap_err().code(), "BOOK_NOT_FOUND");
    let listed = shop.page(Uuid::nil(), None).await;
    assert_eq!(listed.unwrap_err().class(), ErrorClass::NotFound);
}

pub(super) async fn the_reviews_of_a_book_go_with_it(shop: &Shop) {
    let book = shop.a_book().await;
    shop.review(&book, "ada@example.org").await.unwrap();
    let delete = Preconditions::default();
    let books = shop.part::<BookService>();
    books.delete(book.id, &delete).await.unwrap();
    assert_eq!(shop.count("select count(*) from reviews").await, 0);
}

pub(super) async fn the_list_is_walked_and_its_cursors_fit_no_other_book(shop: &Shop) {
    let (book, other) = (shop.a_book().await, shop.a_book().await);
    let mut written = Vec::new();
    for number in 0..3 {
        let email = format!("reader{number}@example.org");
        written.push(shop.review(&book, &email).await.unwrap());
    }
    let first = shop.page(book.id, None).await.unwrap();
    assert_eq!(first.items, written[..2]);
    let PageInfo::Cursor(ends) = first.page else {
        panic!("a walk by cursor");
    };
    let next = ends.next_cursor.unwrap();
    let second = shop.page(book.id, Some(&next)).await.unwrap();
    assert_eq!(second.items, written[2..]);
    let foreign = shop.page(other.id, Some(&next)).await.unwrap_err();
    assert_eq!(foreign.class(), ErrorClass::BadRequest);
}

//! Policies asked from anywhere: a request, a job, a message.

use purlin_base::{
    Classified, Context, Principal,
    policy::{Decision, Policy, Refused, authorize, authorize_as, authorize_found},
};

enum Action {
    Read,
    Cancel,
}

#[derive(Debug, PartialEq)]
struct Order {
    owner: &'static str,
}

const ORDER: Order = Order { owner: "ada" };

async fn orders(who: Option<&Principal>, action: &Action, order: &Order) -> Decision {
    let is_owner = who.is_some_and(|who| who.id() == order.owner);
    let is_staff = who.is_some_and(|who| who.has_role("staff"));
    match action {
        Action::Read => Decision::hide_unless(is_owner || is_staff),
        Action::Cancel => Decision::allow_if(is_owner),
    }
}

fn of(principal: Principal) -> Context {
    let context = Context::builder().build();
    context.set_principal(principal).unwrap();
    context
}

#[tokio::test]
async fn whoever_the_context_names_is_asked_about() {
    let ada = of(Principal::new("ada", ["reader"]));
    let answer = ada.scope(authorize(&orders, &Action::Cancel, &ORDER)).await;
    assert_eq!(answer, Ok(()));
    let staff = of(Principal::new("bob", ["staff"]));
    let answer = staff.scope(authorize(&orders, &Action::Cancel, &ORDER));
    assert_eq!(answer.await, Err(Refused::Denied));
}

#[tokio::test]
async fn outside_of_a_context_and_before_anybody_is_known_nobody_is_signed_in() {
    let bare = authorize(&orders, &Action::Cancel, &ORDER).await;
    assert_eq!(bare, Err(Refused::SignIn));
    let unknown = Context::builder().build();
    let answer = unknown.scope(authorize(&orders, &Action::Cancel, &ORDER));
    assert_eq!(answer.await, Err(Refused::SignIn));
}

#[tokio::test]
async fn what_is_hidden_is_hidden_from_nobody_too() {
    let bob = Principal::new("bob", ["reader"]);
    for who in [None, Some(&bob)] {
        let answer = authorize_as(who, &orders, &Action::Read, &ORDER).await;
        assert_eq!(answer, Err(Refused::Hidden));
    }
}

#[tokio::test]
async fn a_hidden_row_answers_as_a_missing_one() {
    #[derive(Debug, PartialEq)]
    enum OrderError {
        Missing,
        Refused(Refused),
    }
    impl From<Refused> for OrderError {
        fn from(refused: Refused) -> Self {
            Self::Refused(refused)
        }
    }
    let ask = async |row, action| {
        let bob = of(Principal::new("bob", ["reader"]));
        bob.scope(authorize_found(&orders, &action, row, || {
            OrderError::Missing
        }))
        .await
    };
    assert_eq!(ask(None, Action::Read).await, Err(OrderError::Missing));
    assert_eq!(
        ask(Some(ORDER), Action::Read).await,
        Err(OrderError::Missing)
    );
    let denied = ask(Some(ORDER), Action::Cancel).await;
    assert_eq!(denied, Err(OrderError::Refused(Refused::Denied)));
    let ada = of(Principal::new("ada", ["reader"]));
    let found = ada.scope(authorize_found(&orders, &Action::Read, Some(ORDER), || {
        OrderError::Missing
    }));
    assert_eq!(found.await, Ok(ORDER));
}

#[tokio::test]
async fn a_type_that_keeps_something_is_a_policy_too_and_its_future_can_be_sent() {
    struct ByList(Vec<&'static str>);
    impl Policy<Action, Order> for ByList {
        async fn decide(&self, who: Option<&Principal>, _: &Action, _: &Order) -> Decision {
            Decision::allow_if(who.is_some_and(|who| self.0.contains(&who.id())))
        }
    }
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    let bob = of(Principal::new("bob", ["reader"]));
    let list = ByList(vec!["bob"]);
    let answer = bob.scope(sent(authorize(&list, &Action::Read, &ORDER)));
    assert_eq!(answer.await, Ok(()));
    sent(authorize(&orders, &Action::Read, &ORDER))
        .await
        .unwrap_err();
}

#[test]
fn each_refusal_has_its_status_and_a_hidden_thing_has_no_code_of_its_own() {
    let told = [Refused::SignIn, Refused::Denied, Refused::Hidden]
        .map(|refused| (refused.class().status(), refused.code()));
    let expected = [
        (401, "POLICY_SIGN_IN"),
        (403, "POLICY_DENIED"),
        (404, "HTTP_NOT_FOUND"),
    ];
    assert_eq!(told, expected);
}

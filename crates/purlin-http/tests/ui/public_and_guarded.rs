use purlin_http::{Guard, GuardRequest, Json, Problem, controller};

struct Staff;

impl Guard for Staff {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }
}

struct Books;

#[controller("/books")]
#[guard(Staff)]
impl Books {
    #[get("/{id}")]
    #[public]
    async fn read(&self) -> Json<u32> {
        Json(1)
    }
}

fn main() {}

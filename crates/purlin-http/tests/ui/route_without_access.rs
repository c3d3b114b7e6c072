use purlin_http::{NoContent, Route, Routes};

fn main() {
    let open = Route::delete("/{id}").operation("remove").handler(async || NoContent);
    let _ = Routes::at("/books").route(open);
}

//! One operation, while it is being described.

use std::collections::BTreeMap;

use http::Method;
use purlin_base::{ErrorClass, ErrorClasses};
use serde_json::{Map, Value, json};

use super::{
    Answer, DescribeArgument, DescribeReply, HasSchema, Parameter, SecurityScheme,
    components::Components, formats::Formats, id, markdown, parameter, security::Security,
};
use crate::RouteInfo;

/// One operation of the document: what is said here of a route stands there.
///
/// [`Route::describe`](crate::Route::describe) hands it out. What is said twice is said by the
/// later.
pub struct Operation<'a> {
    route: &'a RouteInfo,
    formats: Formats,
    components: &'a mut Components,
    head: Map<String, Value>,
    parameters: Vec<Parameter>,
    body: Option<Value>,
    answers: BTreeMap<u16, Answer>,
    failures: ErrorClasses,
    security: Security,
}

impl<'a> Operation<'a> {
    pub(super) fn new(route: &'a RouteInfo, components: &'a mut Components) -> Self {
        Self {
            route,
            formats: Formats::of(route),
            components,
            head: Map::new(),
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            failures: of_the_edge(route),
            security: Security::default(),
        }
    }

    /// The route that is described.
    pub fn route(&self) -> &RouteInfo {
        self.route
    }

    /// Takes a doc comment: its first paragraph is the summary, the rest the description.
    pub fn doc(&mut self, text: &str) -> &mut Self {
        let text = markdown::for_callers(text);
        let (summary, rest) = markdown::summary_and_rest(&text);
        self.summary(&summary);
        match &*rest {
            "" => self,
            rest => self.description(rest),
        }
    }

    /// Says in a line what it does.
    pub fn summary(&mut self, text: &str) -> &mut Self {
        self.head.insert("summary".into(), text.into());
        self
    }

    /// Says more of what it does, as Markdown.
    pub fn description(&mut self, text: &str) -> &mut Self {
        self.head.insert("description".into(), text.into());
        self
    }

    /// Says that it will go away.
    pub fn deprecated(&mut self) -> &mut Self {
        self.head.insert("deprecated".into(), true.into());
        self
    }

    /// Says what the argument `A` of the handler takes.
    pub fn argument<A: DescribeArgument + ?Sized>(&mut self) -> &mut Self {
        A::describe(self);
        self
    }

    /// Says what the handler answers.
    pub fn reply<R: DescribeReply + ?Sized>(&mut self) -> &mut Self {
        R::describe(self);
        self
    }

    /// Adds a parameter, in the place of one that has its name.
    pub fn parameter(&mut self, parameter: Parameter) -> &mut Self {
        self.parameters
            .retain(|known| (known.place, &known.name) != (parameter.place, &parameter.name));
        self.parameters.push(parameter);
        self
    }

    /// Adds each field of the struct `T` as a parameter of the query.
    pub fn query<T: HasSchema>(&mut self) -> &mut Self {
        let schema = self.components.schemas.request_in_place::<T>();
        for parameter in parameter::of_struct("query", &schema) {
            self.parameter(parameter);
        }
        self
    }

    /// Reads the parameters of the path as `T`: a struct, a tuple, or a single one.
    pub fn path<T: HasSchema>(&mut self) -> &mut Self {
        let schema = self.components.schemas.request_in_place::<T>();
        for parameter in parameter::of_path(&self.route.template, &schema) {
            self.parameter(parameter);
        }
        self
    }

    /// Demands a `T` as the body, in each of the route's formats.
    pub fn body<T: HasSchema>(&mut self) -> &mut Self {
        let schema = self.components.schemas.request::<T>();
        let content = |kind: &&str| {
            let mut schema = schema.clone();
            if let (Some(roots), true) = (self.formats.xml, kind.ends_with("xml")) {
                schema["xml"] = json!({"name": roots.one});
            }
            ((*kind).to_owned(), json!({"schema": schema}))
        };
        let content: Map<String, Value> = self.formats.bodies.iter().map(content).collect();
        self.body = Some(json!({"required": true, "content": content}));
        self
    }

    /// Demands a `T` as the fields of a form.
    pub fn form<T: HasSchema>(&mut self) -> &mut Self {
        let schema = self.components.schemas.request::<T>();
        self.body_of("application/x-www-form-urlencoded", schema)
    }

    /// Takes a body of the type `media_type` (`*/*`: any) with the JSON Schema `schema`.
    pub fn body_of(&mut self, media_type: &str, schema: Value) -> &mut Self {
        let content = json!({media_type: {"schema": schema}});
        self.body = Some(json!({"required": true, "content": content}));
        self
    }

    /// Adds an example of the body.
    pub fn body_example(&mut self, example: Value) -> &mut Self {
        let content = self
            .body
            .as_mut()
            .and_then(|it| it["content"].as_object_mut());
        for kind in content.into_iter().flat_map(|it| it.values_mut()) {
            kind["example"] = example.clone();
        }
        self
    }

    /// Answers `status` with a `T`, in each of the route's formats.
    pub fn answer<T: HasSchema>(&mut self, status: u16, description: &str) -> &mut Self {
        let schema = self.components.schemas.answer::<T>();
        let empty = Answer::new(description);
        let bodies = self.formats.bodies.iter();
        let answer = bodies.fold(empty, |it, kind| it.content(*kind, schema.clone()));
        self.answer_as(status, answer)
    }

    /// Answers `status` like this.
    pub fn answer_as(&mut self, status: u16, answer: Answer) -> &mut Self {
        self.answers.insert(status, answer);
        self
    }

    /// Says what the answer `status` means, in place of a word that fits all.
    pub fn answer_description(&mut self, status: u16, text: &str) -> &mut Self {
        if let Some(answer) = self.answers.get_mut(&status) {
            answer.set_description(text);
        }
        self
    }

    /// Adds a header field to the answer `status`.
    pub fn answer_header(
        &mut self,
        status: u16,
        name: &str,
        description: &str,
        schema: Value,
    ) -> &mut Self {
        if let Some(answer) = self.answers.get_mut(&status) {
            answer.insert_header(name, description, schema);
        }
        self
    }

    /// Adds an example of the answer `status`.
    pub fn answer_example(&mut self, status: u16, example: Value) -> &mut Self {
        if let Some(answer) = self.answers.get_mut(&status) {
            answer.insert_example(example);
        }
        self
    }

    /// May fail in these ways.
    pub fn fails(&mut self, classes: impl Into<ErrorClasses>) -> &mut Self {
        self.failures = self.failures.and(classes.into());
        self
    }

    /// Never fails in these ways, though the type of its error can.
    pub fn never(&mut self, classes: impl Into<ErrorClasses>) -> &mut Self {
        self.failures = self.failures.without(classes.into());
        self
    }

    /// Fails in these ways and in those that every operation has, whatever the type of its error:
    /// for handlers that fail with a [`Problem`](crate::Problem), of which nothing is known.
    pub fn fails_only(&mut self, classes: impl Into<ErrorClasses>) -> &mut Self {
        self.failures = of_the_edge(self.route).and(classes.into());
        self
    }

    /// May answer anything: the document says that it does not know.
    pub fn anything(&mut self) -> &mut Self {
        self.fails(ErrorClasses::ANY)
    }

    /// Asks callers for `scheme`.
    pub fn require(&mut self, scheme: SecurityScheme) -> &mut Self {
        let name = self.components.scheme(scheme);
        self.security.require(name);
        self
    }

    /// Takes `scheme` where a caller shows it.
    pub fn accept(&mut self, scheme: SecurityScheme) -> &mut Self {
        let name = self.components.scheme(scheme);
        self.security.accept(name);
        self
    }

    /// Every status that is named; `None` if it may be any.
    #[cfg(debug_assertions)]
    pub(super) fn statuses(self) -> Option<std::collections::BTreeSet<u16>> {
        if self.failures.is_any() {
            return None;
        }
        let failures = self.failures.iter().map(ErrorClass::status);
        Some(self.answers.into_keys().chain(failures).collect())
    }

    /// The Operation Object.
    pub(super) fn finish(mut self) -> Value {
        self.name_path_parameters();
        let responses = self.responses();
        let mut operation = self.head;
        operation.insert("operationId".into(), id::of(self.route).into());
        if let Some(tag) = id::tag(self.route) {
            operation.insert("tags".into(), json!([tag]));
        }
        if !self.parameters.is_empty() {
            let all = self.parameters.into_iter().map(Parameter::into_value);
            operation.insert("parameters".into(), all.collect());
        }
        operation.extend(self.body.map(|body| ("requestBody".into(), body)));
        operation.insert("responses".into(), responses);
        let security = self.security.into_value();
        operation.extend(security.map(|sets| ("security".into(), sets)));
        Value::Object(operation)
    }

    /// A parameter that no argument reads is still in the path.
    fn name_path_parameters(&mut self) {
        for name in parameter::names(&self.route.template) {
            let known = |it: &Parameter| it.place == "path" && it.name == name;
            if !self.parameters.iter().any(known) {
                self.parameter(Parameter::path(name, json!({"type": "string"})));
            }
        }
    }

    fn responses(&mut self) -> Value {
        let is_open = self.failures.is_any();
        let known = match is_open {
            true => of_the_edge(self.route),
            false => self.failures,
        };
        let mut all: BTreeMap<String, Value> = known
            .iter()
            .map(|class| {
                let answer = self.components.failure(class);
                (class.status().to_string(), answer)
            })
            .collect();
        for (status, answer) in std::mem::take(&mut self.answers) {
            all.insert(status.to_string(), answer.into_value());
        }
        if is_open {
            let any = Answer::new("Anything else: the handler does not say.");
            all.insert("default".into(), any.into_value());
        }
        json!(all)
    }
}

/// How every request may fail before it reaches its handler, and in whatever it does.
fn of_the_edge(route: &RouteInfo) -> ErrorClasses {
    let always = ErrorClasses::of(&[
        ErrorClass::BadRequest,
        ErrorClass::UriTooLong,
        ErrorClass::HeadersTooLarge,
        ErrorClass::Internal,
        ErrorClass::Timeout,
    ]);
    let always = match route.serialized {
        Some(false) => always,
        _ => always.and(ErrorClass::NotAcceptable.into()),
    };
    let always = match route.limits.is_empty() {
        true => always,
        // A limit may be told to refuse while its store is away.
        false => always.and(ErrorClasses::of(&[
            ErrorClass::RateLimited,
            ErrorClass::Unavailable,
        ])),
    };
    match route.method {
        Method::GET => always,
        // The task in which it runs is cut when the program ends.
        _ => always.and(ErrorClass::Unavailable.into()),
    }
}

impl std::fmt::Debug for Operation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation")
            .field("route", &self.route.name())
            .finish_non_exhaustive()
    }
}

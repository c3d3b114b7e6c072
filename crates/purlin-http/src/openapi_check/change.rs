//! What a breaking change is called, and why it breaks.

use std::fmt;

/// One change that breaks a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Change {
    /// The operation, such as `GET /api/v2/books/{id}`, by the committed document.
    pub operation: String,
    /// Where in it, such as `answer 200 application/json /author/name`; `*` stands for every
    /// element. Empty for the operation itself.
    pub place: String,
    /// Which rule it breaks.
    pub rule: Rule,
    /// What was and what is, such as `was string, is string or null`.
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            place,
            rule,
            what,
        } = self;
        match place.as_str() {
            "" => write!(f, "{operation}: {what} ({})", rule.code()),
            place => write!(f, "{operation}, {place}: {what} ({})", rule.code()),
        }
    }
}

/// Names the rules, each with its code and the reason it is one.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident, $code:literal, $why:literal;)+) => {
        /// What may not change in a published version.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),+];

            /// Its stable name.
            pub fn code(self) -> &'static str {
                match self { $(Self::$rule => $code,)+ }
            }

            /// Why such a change breaks a client, in half a sentence.
            pub fn why(self) -> &'static str {
                match self { $(Self::$rule => $why,)+ }
            }
        }
    };
}

rules! {
    /// A path is gone.
    PathRemoved, "path-removed", "calls to it are answered 404";
    /// A method of a path is gone.
    MethodRemoved, "method-removed", "calls with it are answered 405";
    /// An operation has another id, or none.
    OperationIdChanged, "operation-id-changed", "generated clients name their functions by it";
    /// Somebody who could call may not any more.
    SecurityAdded, "security-added", "calls without it are answered 401 or 403";
    /// A parameter is gone.
    ParameterRemoved, "parameter-removed", "what it asked for is refused or ignored";
    /// A parameter must be sent now.
    ParameterRequired, "parameter-required", "calls without it are refused";
    /// A parameter is written another way.
    ParameterStyleChanged, "parameter-style-changed", "values are read another way than they are sent";
    /// A body must be sent now.
    BodyRequired, "body-required", "calls without a body are refused";
    /// A media type of a request or an answer is gone.
    MediaTypeRemoved, "media-type-removed", "who sends it gets 415, who asks for it 406";
    /// A status of an answer is gone.
    StatusRemoved, "status-removed", "clients wait for an answer that does not come";
    /// A header field of an answer is gone.
    HeaderRemoved, "header-removed", "clients that read it find nothing";
    /// A header field of an answer may be left out now.
    HeaderOptional, "header-optional", "clients that rely on it may find nothing";
    /// A field of an answer is gone, or has another name.
    FieldRemoved, "field-removed", "clients that read it find nothing";
    /// A field of an answer may be left out now.
    FieldOptional, "field-optional", "clients that rely on it may find nothing";
    /// A value of an answer may be null now.
    ValueNullable, "value-nullable", "clients that rely on a value may find null";
    /// A value of an answer may be of a type it could not be of.
    TypeWidened, "type-widened", "clients cannot read the other type";
    /// An enumeration of an answer has a new value.
    ValueAdded, "value-added", "clients that know all values do not know this one";
    /// An answer has a variant that it had not.
    VariantAdded, "variant-added", "clients that know all variants do not know this one";
    /// A value of an answer is of another format, or of none.
    FormatLoosened, "format-loosened", "clients read the value by its format";
    /// A field of a request is gone.
    InputRemoved, "input-removed", "who sends it is refused, or not heeded";
    /// A field of a request must be sent now.
    FieldRequired, "field-required", "requests without it are refused";
    /// Null is not accepted any more.
    NullRefused, "null-refused", "requests with null are refused";
    /// A type is not accepted any more.
    TypeNarrowed, "type-narrowed", "requests with the other type are refused";
    /// A value of an enumeration is not accepted any more.
    ValueRefused, "value-refused", "requests with the other values are refused";
    /// A variant is not accepted any more.
    VariantRemoved, "variant-removed", "requests of that form are refused";
    /// A bound is tighter than it was.
    BoundTightened, "bound-tightened", "requests between the old and the new bound are refused";
    /// A pattern was added or changed.
    PatternAdded, "pattern-added", "requests that do not match it are refused";
    /// A format was added or changed.
    FormatAdded, "format-added", "requests of another format are refused";
    /// Unknown fields are not accepted any more.
    FieldsClosed, "fields-closed", "requests with further fields are refused";
    /// What is taken when nothing is sent is something else now.
    DefaultChanged, "default-changed", "requests that leave it out mean something else";
    /// A condition that cannot be compared was changed.
    ConditionChanged, "condition-changed", "it cannot be told that the old still fits";
    /// The documents are too entangled: nothing is known of the rest.
    TooLarge, "too-large", "it cannot be told that the rest still fits";
}

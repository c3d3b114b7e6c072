//! The modules of an application as data, for tools and for people.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use crate::{Module, StartError, plan::Plan};

/// The modules of an application, what is in each, and who needs what.
///
/// Made without building anything by [`Graph::of`], or by [`Container::graph`](crate::Container::graph).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// Every module, each once. The first is the root.
    pub modules: Vec<GraphModule>,
}

/// One module of a [`Graph`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphModule {
    /// Its name, without its path.
    pub name: String,
    /// The modules it imports, as places in [`Graph::modules`].
    pub imports: Vec<usize>,
    /// What it builds, in the order of its lists.
    pub providers: Vec<GraphProvider>,
    /// The types that it exports.
    pub exports: Vec<String>,
}

/// One provider or component of a [`GraphModule`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphProvider {
    /// The type that others ask for, or the type of the component.
    pub name: String,
    /// How it is made.
    pub kind: ProviderKind,
    /// The type that is really built, where it is another: `Smtp` for `dyn Mailer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// What it is built from, in order.
    pub needs: Vec<GraphNeed>,
}

/// What a [`GraphProvider`] is built from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphNeed {
    /// The module that provides it, as a place in [`Graph::modules`].
    pub module: usize,
    /// Its place in that module's [`providers`](GraphModule::providers).
    pub provider: usize,
    /// Its name.
    pub name: String,
}

/// How a provider is made. Serialises as a word; a component as its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderKind {
    /// Built from what it needs.
    Class,
    /// A value of the module.
    Value,
    /// Made by a function.
    Factory,
    /// Handed in before the start.
    Input,
    /// Put in the place of another by a test.
    Override,
    /// Taken up by a host, such as `controller`.
    Component(&'static str),
}

impl ProviderKind {
    fn word(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Value => "value",
            Self::Factory => "factory",
            Self::Input => "input",
            Self::Override => "override",
            Self::Component(kind) => kind,
        }
    }
}

impl Serialize for ProviderKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl Graph {
    /// Resolves the application whose root is `Root`, and builds nothing.
    ///
    /// # Errors
    ///
    /// The circles and gaps of [`StartError`]; inputs may be missing.
    pub fn of<Root: Module>() -> Result<Self, StartError> {
        Plan::of::<Root>(&mut |_| Ok(())).map(|plan| Self::from_plan(&plan))
    }

    pub(crate) fn from_plan(plan: &Plan) -> Self {
        let modules = plan.modules.iter().map(|module| GraphModule {
            name: module.key.name(),
            imports: module.imports.clone(),
            providers: module.nodes.iter().map(|&at| provider(plan, at)).collect(),
            exports: module.exports.iter().map(|key| key.name()).collect(),
        });
        Self {
            modules: modules.collect(),
        }
    }

    /// The graph as indented JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("names and numbers are always JSON")
    }

    /// The graph as a Mermaid flowchart: a box for each module, an arrow for each need.
    pub fn to_mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        for (at, module) in self.modules.iter().enumerate() {
            let _ = writeln!(out, "  subgraph m{at}[\"{}\"]", label(&module.name));
            for (place, provider) in module.providers.iter().enumerate() {
                let (open, close) = provider.kind.shape();
                let name = label(&provider.name);
                let _ = writeln!(out, "    m{at}p{place}{open}\"{name}\"{close}");
            }
            out.push_str("  end\n");
        }
        self.write_arrows(&mut out);
        out
    }

    fn write_arrows(&self, out: &mut String) {
        for (at, module) in self.modules.iter().enumerate() {
            for import in &module.imports {
                let _ = writeln!(out, "  m{at} -.-> m{import}");
            }
            for (place, provider) in module.providers.iter().enumerate() {
                for need in &provider.needs {
                    let GraphNeed {
                        module, provider, ..
                    } = need;
                    let _ = writeln!(out, "  m{at}p{place} --> m{module}p{provider}");
                }
            }
        }
    }
}

impl ProviderKind {
    /// The brackets that give a box of Mermaid its shape.
    fn shape(self) -> (&'static str, &'static str) {
        match self {
            Self::Component(_) => ("([", "])"),
            Self::Value | Self::Input | Self::Override => ("[/", "/]"),
            Self::Class | Self::Factory => ("[", "]"),
        }
    }
}

/// `<` and `>` would be read as HTML.
fn label(name: &str) -> String {
    name.replace('<', "&lt;").replace('>', "&gt;")
}

fn provider(plan: &Plan, at: usize) -> GraphProvider {
    let planned = &plan.nodes[at];
    let node = &planned.node;
    let needs = planned.deps.iter().map(|&dep| {
        let home = plan.nodes[dep].module;
        let place = plan.modules[home].nodes.iter().position(|&it| it == dep);
        GraphNeed {
            module: home,
            provider: place.expect("a node is among those of its module"),
            name: plan.nodes[dep].node.name(),
        }
    });
    GraphProvider {
        name: node.name(),
        kind: node.kind,
        made: node
            .made
            .filter(|_| node.provides.is_some())
            .map(|key| key.name()),
        needs: needs.collect(),
    }
}
